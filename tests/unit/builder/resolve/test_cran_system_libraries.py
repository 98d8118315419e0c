import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.cran_system_libraries import debian_packages, table


@pytest.mark.parametrize(
    ("requirements", "packages", "unknown"),
    [
        ("", (), ()),
        ("GNU make, C++17", (), ()),
        ("libcurl: libcurl-devel (rpm) or libcurl4-openssl-dev (deb)", ("libcurl4-openssl-dev",), ()),
        ("OpenSSL >= 1.0.2", ("libssl-dev",), ()),
        ("GNU GSL", ("libgsl-dev",), ()),
        ("libxml2 (optional), glpk (>= 4.57, optional)", ("libglpk-dev", "libxml2-dev"), ()),
        ("ImageMagick++: ImageMagick-c++-devel (rpm) or libmagick++-dev (deb)", ("libmagick++-dev",), ()),
        ("ICU4C (>= 61, optional)", ("libicu-dev",), ()),
        ("Cargo (Rust's package manager), rustc", ("cargo", "rustc"), ()),
        ("GNU make, Intel TBB, Windows: cmd.exe and cscript.exe, Solaris: g++ is required", (), ()),
        ("pandoc (>= 1.14) - http://pandoc.org", ("pandoc",), ()),
        ("Fantasy >= 3", (), ("Fantasy >= 3",)),
    ],
)
def test_requirements_become_debian_packages(requirements, packages, unknown):
    found, left = debian_packages(requirements)

    assert found == packages
    assert left == unknown


def test_a_geographic_package_gets_all_of_its_libraries():
    found, _ = debian_packages("GDAL (>= 2.0.1), GEOS (>= 3.4.0), PROJ (>= 4.8.0), sqlite3")

    assert found == ("libgdal-dev", "libgeos-dev", "libproj-dev", "libsqlite3-dev")


@given(st.text())
def test_any_text_is_read(text):
    found, _ = debian_packages(text)

    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) for name in found)


def test_each_row_matches_something_and_names_debian_packages():
    for pattern, packages in table():
        assert not pattern.search(""), pattern
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) for name in packages), packages
