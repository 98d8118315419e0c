"""Version ranges mean what Julia's package manager takes them for."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lectern.builder.resolve.julia_compat import read_compat

numbers = st.integers(0, 30)
versions = st.tuples(numbers, numbers, numbers)
some_versions = versions.filter(any)


def written(version):
    return ".".join(map(str, version))


@pytest.mark.parametrize(
    ("text", "first", "first_beyond"),
    [
        # The tables of https://pkgdocs.julialang.org/v1/compatibility/
        ("^1.2.3", (1, 2, 3), (2, 0, 0)),
        ("^1.2", (1, 2, 0), (2, 0, 0)),
        ("^1", (1, 0, 0), (2, 0, 0)),
        ("^0.2.3", (0, 2, 3), (0, 3, 0)),
        ("^0.0.3", (0, 0, 3), (0, 0, 4)),
        ("^0.0", (0, 0, 0), (0, 1, 0)),
        ("^0", (0, 0, 0), (1, 0, 0)),
        ("~1.2.3", (1, 2, 3), (1, 3, 0)),
        ("~1.2", (1, 2, 0), (1, 3, 0)),
        ("~1", (1, 0, 0), (2, 0, 0)),
        ("~0.2.3", (0, 2, 3), (0, 3, 0)),
        ("~0.0.3", (0, 0, 3), (0, 1, 0)),
        ("~0.0", (0, 0, 0), (0, 1, 0)),
        ("~0", (0, 0, 0), (1, 0, 0)),
        ("= 1.2.3", (1, 2, 3), (1, 2, 4)),
        ("=1.10", (1, 10, 0), (1, 10, 1)),
        ("1.2.3 - 4.5.6", (1, 2, 3), (4, 5, 7)),
        ("0.2.3 - 4.5.6", (0, 2, 3), (4, 5, 7)),
        ("1.2.3 - 4.5", (1, 2, 3), (4, 6, 0)),
        ("1.2.3 - 4", (1, 2, 3), (5, 0, 0)),
        ("1.2 - 4.5", (1, 2, 0), (4, 6, 0)),
        ("1 - 4", (1, 0, 0), (5, 0, 0)),
        ("0.2 - 0.5", (0, 2, 0), (0, 6, 0)),
        ("v1.6", (1, 6, 0), (2, 0, 0)),
    ],
)
def test_a_specifier_holds_from_its_first_version_to_the_one_that_breaks(text, first, first_beyond):
    compat = read_compat(text)

    assert first in compat
    assert first_beyond not in compat
    assert (first_beyond[0], first_beyond[1], first_beyond[2] - 1) in compat or first_beyond[2] == 0
    assert (first[0], first[1], first[2] - 1) not in compat


@given(some_versions, versions)
def test_inequalities_compare(bound, version):
    assert (version in read_compat(f">= {written(bound)}")) == (version >= bound)
    assert (version in read_compat(f"≥{written(bound)}")) == (version >= bound)
    assert (version in read_compat(f"<{written(bound)}")) == (version < bound)


@given(some_versions, versions)
def test_no_operator_means_caret(base, version):
    assert (version in read_compat(written(base))) == (version in read_compat(f"^{written(base)}"))


@given(some_versions, versions)
def test_a_tilde_is_never_wider_than_a_caret_above_zero(base, version):
    assume(base[0])

    assert version not in read_compat(f"~{written(base)}") or version in read_compat(f"^{written(base)}")


@given(st.lists(some_versions, min_size=1, max_size=4), versions)
def test_a_list_is_a_union(bases, version):
    alone = [version in read_compat(written(base)) for base in bases]

    assert (version in read_compat(", ".join(map(written, bases)))) == any(alone)


@given(some_versions, some_versions, versions)
def test_a_hyphen_has_both_ends_in(low, high, version):
    assert (version in read_compat(f"{written(low)} - {written(high)}")) == (low <= version <= high)


REFUSED = (
    *("", "1.6,", "latest", "1.6 2", "1.2.3.4", "1.x", "1-2", "0.0.0", "*", "\u0661.6", "9" * 5000),
    *("> 1.6", "<= 1.6", "!= 1.6", "^^1"),
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_julia_refuses_is_refused(text):
    with pytest.raises(ValueError, match=r"is no version"):
        read_compat(text)


@given(st.text())
def test_any_text_is_a_range_or_a_value_error(text):
    try:
        compat = read_compat(text)
    except ValueError:
        return
    assert compat.text == text
