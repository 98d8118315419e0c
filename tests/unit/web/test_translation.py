"""Pages in the reader's language."""

import re

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from lectern.web import translation as web_translation
from lectern.web.translation import LOCALE, language_for, languages, translation, translation_for
from tests.support.texts import TEMPLATES, texts

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
OTHERS = [language for language in languages() if language != "en"]
USED = texts()


def _catalogues(language):
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            yield path.name, read_po(file, locale=language)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language):
    known = {
        message.id if isinstance(message.id, str) else tuple(message.id)
        for _, catalogue in _catalogues(language)
        for message in catalogue
        if message.string and (all(message.string) if isinstance(message.string, tuple) else True)
    }

    missing = {text: where for text, where in USED.items() if text not in known}

    assert missing == {}, f"add these to lectern/web/locale/{language}/*.po"


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalogue_keeps_what_nothing_says(language):
    used = set(USED)
    left = {
        (name, message.id)
        for name, catalogue in _catalogues(language)
        for message in catalogue
        if message.id and (message.id if isinstance(message.id, str) else tuple(message.id)) not in used
    }

    assert left == set()


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_the_placeholders(language):
    for _, catalogue in _catalogues(language):
        for message in catalogue:
            if not message.id:
                continue
            ids = [message.id] if isinstance(message.id, str) else message.id
            strings = [message.string] if isinstance(message.string, str) else message.string
            wanted = set(PLACEHOLDER.findall(ids[-1]))
            assert all(set(PLACEHOLDER.findall(string)) == wanted for string in strings), ids


def test_templates_translate_only_what_stands_in_them():
    """A text that came from somewhere else would pass as safe HTML: jinja2 trusts what gettext gives."""
    dynamic = re.compile(r"\b(?:_|gettext)\(\s*[^\"'\s]")

    assert [path.name for path in TEMPLATES if dynamic.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.3", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("en;q=0.2, DE;Q=0.8", "de"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_browser_chooses_the_language(header, expected):
    assert language_for(header) == expected


@given(st.text(max_size=2000))
def test_whatever_the_header_is_a_language_comes_back(header):
    assert language_for(header) in languages()


def test_what_no_catalogue_has_stays_as_it_is():
    assert translation_for("de").gettext("not a text of ours") == "not a text of ours"


def test_a_language_counts_by_its_own_rule(monkeypatch, tmp_path):
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    counted = 'msgid "{n} seat"\nmsgid_plural "{n} seats"\nmsgstr[0] "{n} place"\nmsgstr[1] "{n} places"\n'
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr/courses.po").write_text(header + counted)
    monkeypatch.setattr(web_translation, "LOCALE", tmp_path)
    french = translation.__wrapped__("fr")

    said = [french.ngettext("{n} seat", "{n} seats", count) for count in (0, 1, 2)]

    assert said == ["{n} place", "{n} place", "{n} places"]


def test_all_topics_of_a_language_are_together():
    german = translation("de")

    for _, catalogue in _catalogues("de"):
        message = next(message for message in catalogue if message.id and isinstance(message.id, str))
        assert german.gettext(message.id) == message.string
