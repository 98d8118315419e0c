import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.debian_r import DebianPackage, r_version_of, read_r_packages
from lectern.builder.resolve.r_version import is_version, parse_constraint


@pytest.mark.parametrize(
    ("debian", "version"),
    [
        ("7.3-65-1", "7.3-65"),
        ("1.5-8-1+b1", "1.5-8"),
        ("3.5.1+dfsg-1", "3.5.1"),
        ("1:2.68.0-2", "2.68.0"),
        ("2.22.0+ds-3~deb13u1", "2.22.0"),
        ("3.99-0.18-1", "3.99-0.18"),
        ("1.2.3.dfsg-1", "1.2.3"),
        ("0.9~git20200101-1", "0.9"),
        ("1.0", "1.0"),
        ("abc-1", ""),
    ],
)
def test_rs_version_is_read_out_of_debians(debian, version):
    assert r_version_of(debian) == version


@given(st.text())
def test_any_text_gives_a_version_or_none(text):
    assert is_version(r_version_of(text)) or not r_version_of(text)


def test_cran_goes_before_bioconductor_and_other_packages_are_passed_over():
    debian = {"r-bioc-x": "2-1", "r-cran-x": "1-1", "r-bioc-y": "3-1", "r-base-core": "4.5.0-3", "git": "1"}

    assert read_r_packages(debian) == {
        "x": DebianPackage("r-cran-x", "1"),
        "y": DebianPackage("r-bioc-y", "3"),
    }


def test_an_unknown_version_fits_only_where_any_does():
    package = DebianPackage("r-cran-x", "")

    assert package.fits(parse_constraint(""))
    assert not package.fits(parse_constraint(">=0"))
