"""The pages name only what is there."""

import re
from pathlib import Path

import pytest

from lectern.commands_reference import commands
from lectern.errors import LecternError
from lectern.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("images/*/README.md"),
        *ROOT.glob("environments/*/README.md"),
        *ROOT.glob("hub/**/README.md"),
    ]
)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _code(page):
    """Give what a page sets as code: commands and paths."""
    return "\n".join(CODE.findall(page.read_text(encoding="utf-8")))


def _targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_path_of_the_map_is_there():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    mapped = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)

    assert mapped
    assert [path for path in mapped if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_make_command_is_a_target(page):
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", _code(page)))

    assert named <= _targets()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_script_is_there(page):
    named = set(re.findall(r"(?<![\w/])scripts/([\w-]+(?:\.\w+)?)", _code(page)))

    assert {script for script in named if not (ROOT / "scripts" / script).is_file()} == set()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    relative = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]

    assert [link for link in relative if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_lectern_command_and_its_options_exist(page):
    known = commands()
    for words in re.findall(r"scripts/lectern ([a-z][^`\n#]*)", _code(page)):
        name = next((name for name in known if f"{words} ".startswith(f"{name} ")), None)

        assert name, f"scripts/lectern {words}"
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z][a-z-]*", words)) <= options, words


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_setting_exists(page):
    named = set(re.findall(r"\bLECTERN_([A-Z_]+)\b", page.read_text(encoding="utf-8")))

    assert {name for name in named if name.lower() not in Settings.model_fields} == set()


def test_every_path_that_the_architecture_names_is_there():
    named = re.findall(
        r"`((?:lectern|tests|images|scripts|hub|environments)/[^`*\s]*)`",
        (ROOT / "docs/architecture.md").read_text(encoding="utf-8"),
    )

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("kind", ["how-to", "reference", "explanation"])
def test_every_page_stands_in_the_list_of_its_folder(kind):
    folder = ROOT / "docs" / kind
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))

    assert {page.name for page in folder.glob("*.md")} - {"README.md"} == listed


def test_the_errors_of_declarations_are_what_the_tests_of_refused_repos_expect():
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    section = page[page.index("## A declaration") : page.index("## Packages")]
    expected = "".join(
        path.read_text(encoding="utf-8").replace("`", "")
        for path in (ROOT / "tests/repos").glob("*/expected-error.txt")
    )
    told = re.findall(r"^\| `([^|]+)` \|", section, re.MULTILINE)

    assert told
    assert [sentence for sentence in told if f"error: {sentence}\n" not in expected] == []


def test_the_page_of_errors_has_every_class_of_them():
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")

    assert [each.__name__ for each in LecternError.__subclasses__() if each.__module__ == "lectern.errors"
            if f"({each.__name__})" not in page] == []  # fmt: skip
