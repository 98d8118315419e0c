import pytest

from lectern.builder.declaration import read_declaration
from tests.support.repos import refusal_of, write_repo

YML = {"environment.yml": "dependencies: [numpy]\n"}


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("jupytext.toml", "formats =\n", "jupytext.toml:1"),
        ("overrides.json", "", "overrides.json:1"),
        ("overrides.json", "{\n  'a': 1}\n", "overrides.json:2"),
        ("overrides.json", "[1]\n", "overrides.json"),
        ("overrides.json", "[" * 100_000, "overrides.json"),
        ("overrides.json", '{"a": ' + "9" * 5000 + "}", "overrides.json"),
        ("postBuild", "", "postBuild:1"),
        ("postBuild", "pip install x\n", "postBuild:1"),
        ("start", "\n#!/bin/bash\n", "start:1"),
    ],
)
def test_what_could_not_work_in_the_image_is_refused(tmp_path, name, content, where):
    assert refusal_of(write_repo(tmp_path, {**YML, name: content})).where == where


@pytest.mark.parametrize("name", ["check.md", "check.ipynb", "check.py"])
def test_a_check_is_found(tmp_path, name):
    assert read_declaration(write_repo(tmp_path, {**YML, name: ""})).check == name


def test_the_first_kind_of_check_counts(tmp_path):
    assert read_declaration(write_repo(tmp_path, {**YML, "check.py": "", "check.md": ""})).check == "check.md"


def test_templates_are_listed_with_their_folders(tmp_path):
    write_repo(tmp_path, {**YML, "templates/b/c.tex": "", "templates/a.html": "", "templates/l": "-> a.html"})

    assert read_declaration(tmp_path).templates == ("templates/a.html", "templates/b/c.tex", "templates/l")


def test_a_template_that_leads_out_is_refused(tmp_path):
    write_repo(tmp_path, {**YML, "templates/passwd": "-> /etc/passwd"})

    assert refusal_of(tmp_path).where == "templates/passwd"
