import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from lectern.builder.resolve.conda_version import admits, pep440, upstream_version

EXPRESSIONS = st.text() | st.text(alphabet="<>=!~.,*|0123456789ab +-")


@pytest.mark.parametrize(
    ("version", "written"),
    [
        *(("", ""), ("*", ""), ("=*", ""), ("=1.2", "==1.2.*"), ("1.2", "==1.2.*"), ("==1.2", "==1.2")),
        *(("=1.2.*", "==1.2.*"), (">=1,<2", "<2,>=1"), (">= 1 , < 2", "<2,>=1"), ("=2.0rc1", "==2.0rc1")),
        *((">=1.2.*", ">=1.2"), ("!=1.2.*", "!=1.2.*"), ("~=1.2", "~=1.2"), ("==1.2.*", "==1.2.*")),
    ],
)
def test_a_conda_version_becomes_one_of_pypi(version, written):
    assert pep440(version) == written


@pytest.mark.parametrize("version", ["=1.2|=1.3", ">", ",", "=1;x", "@ file", "=1.1.1f", "=py39_0"])
def test_what_only_conda_can_honour_is_refused(version):
    with pytest.raises(ValueError, match=r"conda|version"):
        pep440(version)


@given(EXPRESSIONS)
def test_any_expression_is_written_on_one_safe_line_or_refused(version):
    try:
        written = pep440(version)
    except ValueError:
        return
    assert re.fullmatch(r"[\w.*+!<>=~,-]*", written)
    SpecifierSet(written)


@given(st.lists(st.integers(0, 999), min_size=1, max_size=4), st.sampled_from(["=", "==", ">=", "<", "!="]))
def test_every_plain_version_becomes_a_specifier(numbers, operator):
    version = ".".join(map(str, numbers))

    assert SpecifierSet(pep440(operator + version)).contains(version) == (operator not in {"<", "!="})


@pytest.mark.parametrize(
    ("debian", "upstream"),
    [
        *(
            ("1:2.47.3-0+deb13u1", "2.47.3"),
            ("20.19.2+dfsg-1+deb13u3", "20.19.2"),
            ("3.1.11.1+ds-2", "3.1.11.1"),
        ),
        *(("4.0.0+really3.15.5+dfsg-1", "4.0.0"), ("3.3.20220408-4+b1", "3.3.20220408"), ("7.3-65-1", "7.3")),
    ],
)
def test_debians_version_is_read_as_the_one_it_packages(debian, upstream):
    assert str(upstream_version(debian)) == upstream


@pytest.mark.parametrize(
    ("version", "debian", "is_admitted"),
    [
        *(
            ("=18", "20.19.2+dfsg-1", False),
            ("=20", "20.19.2+dfsg-1", True),
            (">=16", "20.19.2+dfsg-1", True),
        ),
        *(("=2.9", "3.1.11.1+ds-2", False), ("==4.5", "4.5.0-3", True), ("=3.6", "4.5.0-3", False)),
        *(
            ("<4", "4.5.0-3", False),
            ("=1|=2", "3.0-1", False),
            ("=1|=2", "1:2.47.3-0+deb13u1", True),
            ("=4.4|==4.5", "4.5.0-3", True),
            (">=1,<2|>=4,<4.6", "4.5.0-3", True),
            (">=1,<2|>=3,<4", "4.5.0-3", False),
            ("=1", "nonsense", False),
            ("", "4.5.0-3", True),
        ),
    ],
)
def test_a_pin_is_compared_with_debians_one_version(version, debian, is_admitted):
    assert admits(version, debian) is is_admitted


@given(EXPRESSIONS, EXPRESSIONS)
def test_no_pair_of_texts_breaks_the_comparison(version, debian):
    assert admits(version, debian) in {True, False}
