import pytest

from lectern.builder.declare.items import Item
from lectern.builder.declare.r_package import read_r_package, united
from lectern.errors import DeclarationError

WHERE = "install.R:1"


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("ggplot2", Item("ggplot2", "", WHERE)),
        (" data.table ", Item("data.table", "", WHERE)),
        ("bioc::limma", Item("limma", "", WHERE)),
        ("cran::zoo@1.8-12", Item("zoo", "==1.8-12", WHERE)),
    ],
)
def test_a_name_is_read(text, item):
    assert read_r_package(text, "", WHERE) == item


@pytest.mark.parametrize(
    "text", ["", "a", "2x", "x.", "x_y", "o/r", "github::o/r", "x1@1;id", "x y", "$(id)", "-x"]
)
def test_what_no_index_could_have_is_refused(text):
    with pytest.raises(DeclarationError) as caught:
        read_r_package(text, "", WHERE)

    assert caught.value.where == WHERE


def test_a_package_is_wanted_once_with_all_its_versions():
    items = [
        Item("a1", "", "i:1"),
        Item("b1", "==2", "i:2"),
        Item("a1", ">=1", "i:3"),
        Item("b1", "==2", "i:4"),
    ]

    assert united(items) == (Item("a1", ">=1", "i:1"), Item("b1", "==2", "i:2"))
    assert united([*items, Item("b1", ">=1", "i:5")])[1].version == "==2,>=1"
