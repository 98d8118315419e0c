import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.files import Text
from lectern.builder.declare.items import Item, Requirement
from lectern.builder.declare.pyproject_toml import read_pyproject
from lectern.errors import DeclarationError
from tests.support.refusals import tried


def _read(content):
    return read_pyproject(Text("pyproject.toml", content))


def test_requirements_know_their_lines():
    read = _read(
        '[project]\nname = "x"\ndependencies = [\n  "numpy",\n  \'pandas ; python_version < "3"\',\n]\n'
    )

    assert read.requirements == (
        Requirement("numpy", "pyproject.toml:4"),
        Requirement('pandas; python_version < "3"', "pyproject.toml:5"),
    )


def test_the_python_that_it_needs_is_read():
    assert _read('[project]\nrequires-python = ">=3.11,<3.14"\n').python == Item(
        "python", "<3.14,>=3.11", "pyproject.toml:2"
    )


def test_a_file_of_tools_settings_asks_for_nothing():
    read = _read("[tool.ruff]\nline-length = 100\n[dependency-groups]\ndev = ['pytest']\n")

    assert (read.requirements, read.python, read.is_built) == ((), None, False)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("[project", "pyproject.toml:1"),
        ("x = 1\nx = 2\n", "pyproject.toml:2"),
        ("[project]\nname = \n", "pyproject.toml:2"),
        ("x = [", "pyproject.toml:1"),
        ("project = 1\n", "pyproject.toml:1"),
        ("[project]\ndependencies = 'numpy'\n", "pyproject.toml:2"),
        ("[project]\ndependencies = [1]\n", "pyproject.toml:2"),
        ("[project]\ndependencies = [\n'a',\n'b c'\n]\n", "pyproject.toml:4"),
        ("[project]\nrequires-python = 3.11\n", "pyproject.toml:2"),
        ("[project]\nrequires-python = '3.11'\n", "pyproject.toml:2"),
        ("[project]\noptional-dependencies = 1\n", "pyproject.toml:2"),
        ("[project.optional-dependencies]\nx = 1\n", "pyproject.toml:2"),
        ("[tool]\npoetry = 1\n", "pyproject.toml:2"),
        ("x = " + "[" * 5000, "pyproject.toml"),
        ("x = " + "9" * 5000, "pyproject.toml"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(content, where):
    with pytest.raises(DeclarationError) as caught:
        _read(content)

    assert caught.value.where == where
    assert caught.value.hint


@given(st.text(alphabet="[project].=\n\"'dencisrq-yth>1{},# "))
def test_any_text_is_read_or_refused(text):
    read, refusal = tried(_read, text)

    assert read or refusal.hint
