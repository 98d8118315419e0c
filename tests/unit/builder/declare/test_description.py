import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declaration import read_declaration
from lectern.builder.declare.description import read_description
from lectern.builder.declare.files import Text
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError
from tests.support.refusals import tried
from tests.support.repos import write_repo

DESCRIPTION = """Package: course
Version: 0.1.2
Title: A Course
Description: About many
    things, dplyr too.
Depends: R (>= 4.0), methods
Imports:
    dplyr (>= 1.1.0),
    ggplot2,
LinkingTo: Rcpp
Suggests: testthat
"""


def _read(content):
    return read_description(Text("DESCRIPTION", content))


def test_what_the_package_needs_is_read():
    read = _read(DESCRIPTION)

    assert read.package == Item("course", "==0.1.2", "DESCRIPTION:1")
    assert read.needs == (
        Item("dplyr", ">=1.1.0", "DESCRIPTION:8"),
        Item("ggplot2", "", "DESCRIPTION:9"),
        Item("Rcpp", "", "DESCRIPTION:10"),
    )


def test_a_list_without_a_package_is_read():
    read = _read("Imports: dplyr,zoo\n")

    assert read.package is None
    assert [item.name for item in read.needs] == ["dplyr", "zoo"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("just words\n", "DESCRIPTION:1"),
        ("  Imports: x\n", "DESCRIPTION:1"),
        ("Package: x\nRemotes: o/r\n", "DESCRIPTION:2"),
        ("Imports:\n  ggplot2,\n  a b\n", "DESCRIPTION:3"),
        ("Imports: x (>= $(id))\n", "DESCRIPTION:1"),
        ("Imports: o/r\n", "DESCRIPTION:1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(content, where):
    with pytest.raises(DeclarationError) as caught:
        _read(content)

    assert caught.value.where == where
    assert caught.value.hint


def test_a_repo_that_is_no_r_package_is_a_list_and_its_own_name_a_title(tmp_path):
    text = "Package: course-unstructured-data\nVersion: 0.1\nImports: zoo\n"
    is_package = {"DESCRIPTION": "Package: mine\nVersion: 0.1\n", "R/a.R": "f <- 1\n"}

    listed = read_declaration(write_repo(tmp_path / "list", {"DESCRIPTION": text}))
    beside = read_declaration(write_repo(tmp_path / "beside", {"binder/DESCRIPTION": text, "R/a.R": ""}))
    package = read_declaration(write_repo(tmp_path / "package", is_package))

    for read in (listed, beside):
        assert ([item.name for item in read.r], read.r_package) == (["zoo"], None)
        assert not any("DESCRIPTION" in notice for notice in read.notices)
    assert package.r_package == Item("mine", "==0.1", "DESCRIPTION:1")


@pytest.mark.parametrize(
    "own", ["Package: course-of-data\nVersion: 0.1\n", "Package: a; id\n", "Package: course\nVersion: one\n"]
)
def test_a_name_that_no_r_package_can_have_is_told_and_its_needs_are_read(tmp_path, own):
    files = {"DESCRIPTION": f"{own}Imports: zoo\n", "NAMESPACE": ""}

    read = read_declaration(write_repo(tmp_path, files))

    assert ([item.name for item in read.r], read.r_package) == (["zoo"], None)
    assert read.notices[-1].startswith("DESCRIPTION:1: `")
    assert read.notices[-1].endswith(
        "no name of an R package: the repo is not installed as one, what it needs is"
    )


@given(st.text() | st.text(alphabet="Imports: dplyr(>=1.0),\n "))
def test_any_text_is_read_or_refused(text):
    read, refusal = tried(_read, text)

    assert read or refusal.hint
