import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.description import read_description
from lectern.builder.declare.files import Text
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError
from tests.support.refusals import tried

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
        ("Package: a; id\n", "DESCRIPTION:1"),
        ("Package: course\nVersion: one\n", "DESCRIPTION:1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(content, where):
    with pytest.raises(DeclarationError) as caught:
        _read(content)

    assert caught.value.where == where
    assert caught.value.hint


@given(st.text() | st.text(alphabet="Imports: dplyr(>=1.0),\n "))
def test_any_text_is_read_or_refused(text):
    read, refusal = tried(_read, text)

    assert read or refusal.hint
