import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.r_version import (
    Bound,
    Constraint,
    is_version,
    parse_constraint,
    parse_dependencies,
    version_key,
)

numbers = st.lists(st.integers(0, 10**6), min_size=1, max_size=5)
versions = st.tuples(numbers, st.sampled_from(".-")).map(lambda pair: pair[1].join(map(str, pair[0])))
signs = st.sampled_from(["==", "!=", ">=", "<=", ">", "<", "="])


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9", "1.10"), ("1.2", "1.2.0"), ("7.3-9", "7.3-60"), ("0.99", "1"), ("2024.5.1", "2024.10.1")],
)
def test_versions_are_ordered_as_r_orders_them(older, newer):
    assert version_key(older) < version_key(newer)


def test_a_hyphen_counts_as_a_dot():
    assert version_key("7.3-60") == version_key("7.3.60")


@pytest.mark.parametrize("text", ["", "1.", ".1", "1.2a", "1..2", "v1", "1.2\n", "\u0661.\u0662", "9" * 5000])
def test_what_is_no_version_is_refused(text):
    assert not is_version(text)
    with pytest.raises(ValueError, match="no version"):
        version_key(text)


@pytest.mark.parametrize(
    ("pin", "admitted", "refused"),
    [
        ("", ["1", "0.1-2"], []),
        ("*", ["1", "0.1-2"], []),
        ("=1.2", ["1.2", "1.2.3", "1.2-1"], ["1.3", "1.20"]),
        ("1.2", ["1.2", "1.2.9"], ["1.1"]),
        ("=1.2.*", ["1.2", "1.2.3"], ["1.3"]),
        ("==1.2.*", ["1.2.3"], ["1.3"]),
        ("==1.2", ["1.2"], ["1.2.1"]),
        ("=7.3_60", ["7.3-60"], ["7.3-61"]),
        (">=1.1,<2", ["1.1", "1.9.9"], ["1.0", "2"]),
        (">=1.1.*", ["1.1", "3"], ["1.0"]),
        ("1.2|1.4", ["1.2.1", "1.4"], ["1.3"]),
        ("~=1.4", ["1.4", "1.9"], ["1.3", "2.0"]),
        ("~=1.4.2", ["1.4.2", "1.4.9"], ["1.4.1", "1.5"]),
        ("!=1.3", ["1.2"], ["1.3"]),
        (">= 1.0 , < 2", ["1.5"], ["2.0"]),
    ],
)
def test_a_pin_admits_what_conda_or_r_would(pin, admitted, refused):
    constraint = parse_constraint(pin)

    assert [version for version in admitted if not constraint.admits(version)] == []
    assert [version for version in refused if constraint.admits(version)] == []


@pytest.mark.parametrize(
    "pin", ["=1.2=r43_0", "latest", ",", "|", "1.2|", ">", "!=1.*", "1;2", "=1.2 r43", "@x"]
)
def test_what_is_no_pin_is_refused(pin):
    with pytest.raises(ValueError, match="R package"):
        parse_constraint(pin)


@given(st.text() | st.text(alphabet="<>=!~.,*|_0123456789ab -"))
def test_any_text_is_a_pin_or_refused(text):
    try:
        constraint = parse_constraint(text)
    except ValueError:
        return
    # What was read can be written, and says the same when read again.
    assert not constraint or parse_constraint(str(constraint)) == constraint


@given(versions, signs, versions)
def test_each_comparison_is_the_order_of_the_keys(version, sign, other):
    one, two = version_key(version), version_key(other)
    expected = {
        "==": one == two,
        "!=": one != two,
        ">=": one >= two,
        "<=": one <= two,
        ">": one > two,
        "<": one < two,
        "=": one[: len(two)] == two,
    }

    assert Bound(sign, other).admits(version) == expected[sign]


@given(versions)
def test_a_version_satisfies_a_pin_of_itself(version):
    for sign in ("=", "==", ">=", "<=", ""):
        assert parse_constraint(sign + version).admits(version)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z][A-Za-z0-9.]{0,8}[A-Za-z0-9]", fullmatch=True),
            st.none() | st.tuples(st.sampled_from([">=", ">", "<=", "<", "==", "!="]), versions),
        )
    )
)
def test_dependencies_are_read_as_they_were_written(entries):
    text = ",\n    ".join(name + (f" ({bound[0]} {bound[1]})" if bound else "") for name, bound in entries)

    read = parse_dependencies(text)

    assert [need.name for need in read] == [name for name, _ in entries]
    for need, (_, bound) in zip(read, entries, strict=True):
        assert need.constraint == (Constraint(((Bound(*bound),),)) if bound else Constraint())


@given(st.text())
def test_any_dependencies_are_read_or_refused(text):
    try:
        parse_dependencies(text)
    except ValueError as problem:
        assert "R package" in str(problem)  # noqa: PT017 - both outcomes are right


def test_a_revision_of_r_is_older_than_any_r_in_use():
    (need,) = parse_dependencies("R (>= r56550)")

    assert need.constraint.admits("4.5.0")
