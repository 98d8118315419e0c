import pytest

from lectern.builder.declaration import Item, read_declaration
from tests.support.repos import refusal_of, write_repo

HEAD = "[tool.poetry]\nname = 'x'\n[tool.poetry.dependencies]\n"


def _read(folder, *entries, tail=""):
    return read_declaration(write_repo(folder, {"pyproject.toml": HEAD + "\n".join(entries) + "\n" + tail}))


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ('a = "*"', "a"),
        ('a = "^1.2.3"', "a<2,>=1.2.3"),
        ('a = "^0.2.3"', "a<0.3,>=0.2.3"),
        ('a = "^0.0.3"', "a<0.0.4,>=0.0.3"),
        ('a = "~1.2.3"', "a<1.3,>=1.2.3"),
        ('a = "~1"', "a<2,>=1"),
        ('a = "1.*"', "a==1.*"),
        ('a = "1.2"', "a==1.2"),
        ('a = ">=1,<2"', "a<2,>=1"),
        ('a = {version = "^1", extras = ["x"]}', "a[x]<2,>=1"),
        ('a = {version = "*", python = "<3.12"}', 'a; python_version < "3.12"'),
        ('a = {git = "https://x.org/y.git", rev = "main"}', "a @ git+https://x.org/y.git@main"),
    ],
)
def test_versions_are_read_as_poetry_means_them(tmp_path, entry, line):
    assert [each.line for each in _read(tmp_path, entry).requirements] == [line]


def test_its_python_counts_and_what_is_optional_does_not(tmp_path):
    read = _read(tmp_path, 'python = "^3.10"', 'a = {version = "1", optional = true}')

    assert read.python == Item("python", "<4,>=3.10", "pyproject.toml:4")
    assert read.requirements == ()


@pytest.mark.parametrize("module", ["x", "src/x", "x.py", None])
def test_a_project_is_installed_where_there_is_something_to_install(tmp_path, module):
    build = '[build-system]\nrequires = ["poetry-core"]\n'
    if module:
        write_repo(tmp_path, {f"{module}/__init__.py" if module[-3:] != ".py" else module: ""})

    read = _read(tmp_path, 'a = "1"', tail=build)

    assert read.local == ((Item(".", "", "pyproject.toml"),) if module else ())
    assert [each.line for each in read.requirements] == ["a==1"]


@pytest.mark.parametrize("entry", ["a = 1", 'a = "^1 || ^2"', 'a = {path = "../a"}', 'a = "one"', "a = []"])
def test_what_cannot_be_used_is_refused_with_its_line(tmp_path, entry):
    refusal = refusal_of(write_repo(tmp_path, {"pyproject.toml": f"{HEAD}{entry}\n"}))

    assert refusal.where == "pyproject.toml:4"
