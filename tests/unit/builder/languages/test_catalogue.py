"""Every language's data can be used, and a teacher's word for a language finds it."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from pygments.lexers import get_lexer_by_name
from ruamel.yaml import YAML

from lectern.builder.commands import languages
from lectern.builder.languages import catalogue, reference
from lectern.builder.languages.catalogue import find_language, read_catalogue
from lectern.errors import DeclarationError

ROOT = Path(__file__).resolve().parents[4]
DATA = ROOT / "lectern/builder/languages"
LANGUAGES = read_catalogue()


def test_there_are_more_than_forty_languages():
    assert len(LANGUAGES) > 40


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_language_says_how_to_tell_that_it_works(key):
    language = LANGUAGES[key]

    assert language.hello
    assert language.prints


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_kernel_is_started_by_its_full_path(key):
    assert LANGUAGES[key].argv[0].startswith("/")


@pytest.mark.parametrize("key", LANGUAGES)
def test_programs_of_a_recipe_have_full_paths(key):
    recipe = LANGUAGES[key].recipe
    commands = [command for command in (recipe.start, recipe.compile) if command] if recipe else []

    assert [command for command in commands if not command[0].startswith(("/", "{work}/"))] == []


@pytest.mark.parametrize("key", LANGUAGES)
def test_every_file_that_a_recipe_names_is_there(key):
    recipe = LANGUAGES[key].recipe
    words = " ".join(recipe.start).replace("'", " ").split() if recipe else []
    named = {word.removeprefix("{here}/") for word in words if word.startswith("{here}/")}

    assert named == {path.name for path in DATA.glob(f"{key}.loop.*")}


@pytest.mark.parametrize("key", LANGUAGES)
def test_the_highlighter_is_known_to_pygments(key):
    get_lexer_by_name(tomllib.loads((DATA / f"{key}.toml").read_text(encoding="utf-8"))["pygments"])


def test_no_two_languages_share_a_kernelspec():
    names = [language.kernelspec for language in LANGUAGES.values()]

    assert len(names) == len(set(names))


def test_no_word_means_two_languages():
    words = [
        word
        for language in LANGUAGES.values()
        for word in {language.key, *(alias.lower() for alias in language.aliases)}
    ]

    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("js", "javascript"),
        ("C++", "cpp"),
        ("shell", "bash"),
        ("ir", "r"),
        ("Common Lisp", "commonlisp"),
        (" Ruby ", "ruby"),
    ],
)
def test_a_word_that_people_use_finds_its_language(word, key):
    assert find_language(word, where="lectern.yml:2").key == key


def test_a_language_that_reads_says_what_to_answer():
    """A trial answers with the last word that the cell has to print."""
    for path in sorted(DATA.glob("*.toml")):
        if asks := tomllib.loads(path.read_text(encoding="utf-8")).get("input"):
            assert asks["prints"].split()[0] == "got", path
            assert set(asks) <= {"code", "prints", "quiet"}, path


def test_an_unknown_language_is_an_error_with_the_nearest_name():
    with pytest.raises(DeclarationError) as caught:
        find_language("haskel", where="lectern.yml:3")

    assert caught.value.where == "lectern.yml:3"
    assert "`haskell`" in caught.value.hint


def test_an_unknown_language_that_resembles_none_leads_to_the_list():
    with pytest.raises(DeclarationError) as caught:
        find_language("qqqqq", where="lectern.yml:3")

    assert caught.value.hint == "`scripts/lectern languages` lists all"


def test_packages_are_listed_once_in_order():
    chosen = [LANGUAGES["vala"], LANGUAGES["c"]]

    assert catalogue.debian_packages(chosen) == ("gcc", "libc6-dev", "valac")
    assert catalogue.requirements([LANGUAGES["zig"], LANGUAGES["python"]]) == ("ipykernel", "ziglang")


def test_a_bundle_does_not_depend_on_the_order_that_was_asked_in():
    assert catalogue.bundle([LANGUAGES["ruby"], LANGUAGES["c"]]) == catalogue.bundle(
        [LANGUAGES["c"], LANGUAGES["ruby"]]
    )


def test_a_bundle_holds_the_kernel_and_only_the_languages_asked_for():
    files = json.loads(catalogue.bundle([LANGUAGES["ruby"]]))["files"]
    data = {name.rpartition("/")[2] for name in files if not name.endswith(".py")}

    assert data == {"kernel.json", "ruby.toml", "ruby.loop.rb"}
    assert f"{catalogue.INSTALLED}/kernel/kernel.py" in files


def test_a_ready_made_kernel_comes_without_ours():
    files = json.loads(catalogue.bundle([LANGUAGES["python"]]))["files"]

    assert set(files) == {
        "/opt/env/share/jupyter/kernels/python3/kernel.json",
        f"{catalogue.INSTALLED}/python.toml",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("colour = 'red'", "`colour` is unknown"),
        ("size_mb = 'small'", "`size_mb` is unknown or of the wrong kind"),
        ("name = 'X'", "needs either"),
    ],
)
def test_data_that_cannot_be_used_name_file_and_key(tmp_path, monkeypatch, text, complaint):
    (tmp_path / "x.toml").write_text(text)
    monkeypatch.setattr(catalogue, "_HERE", tmp_path)

    with pytest.raises(ValueError, match=complaint) as caught:
        read_catalogue.__wrapped__()

    assert "x.toml" in str(caught.value)


def test_the_reference_is_fresh():
    page = ROOT / "docs/reference/languages.md"

    assert page.read_text(encoding="utf-8") == reference.markdown()


def test_the_list_has_an_object_for_each_language():
    listed = CliRunner().invoke(languages, ["--json"])

    assert [entry["key"] for entry in json.loads(listed.stdout)] == list(LANGUAGES)


def test_the_polyglot_example_names_twelve_languages_of_the_catalogue():
    listed = YAML(typ="safe").load((ROOT / "environments/polyglot/lectern.yml").read_text(encoding="utf-8"))

    keys = {find_language(word, where="lectern.yml").key for word in listed["kernels"]}

    assert len(keys) >= 12
