import pytest

from lectern.builder.declare.files import Text
from lectern.builder.declare.toml_text import load_toml
from lectern.errors import DeclarationError

TOML = """top = 1
[deps]
A = "1"
"B" = '2'  # no
[ compat ]
A = "3"
list = [
  "x",
  'y',
]
"""


def _load(content):
    return load_toml(Text("a.toml", content))


@pytest.mark.parametrize(
    ("table", "key", "where"),
    [
        ("", "top", "a.toml:1"),
        ("deps", "A", "a.toml:3"),
        ("deps", "B", "a.toml:4"),
        ("compat", "A", "a.toml:6"),
        ("deps", "C", "a.toml"),
    ],
)
def test_a_key_knows_its_line(table, key, where):
    assert _load(TOML).where(table, key) == where


@pytest.mark.parametrize(("value", "where"), [("x", "a.toml:8"), ("y", "a.toml:9"), ("z", "a.toml:7")])
def test_a_value_of_a_list_knows_its_line(value, where):
    assert _load(TOML).where_value("compat", "list", value) == where


def test_a_table_that_is_not_there_is_empty():
    assert _load(TOML).table("tool", "x") == {}


def test_what_has_a_tables_name_and_is_none_is_refused():
    with pytest.raises(DeclarationError, match=r"`compat\.A` is no table") as caught:
        _load(TOML).table("compat", "A")

    assert caught.value.where == "a.toml:6"


@pytest.mark.parametrize(
    ("content", "where"), [("x =\n", "a.toml:1"), ("\nx = [1\n\n", "a.toml:2"), ("[a]\n[a]\n", "a.toml:2")]
)
def test_what_is_no_toml_is_refused_with_its_line(content, where):
    with pytest.raises(DeclarationError) as caught:
        _load(content)

    assert caught.value.where == where
