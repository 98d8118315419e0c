"""Texts in the reader's language: gettext catalogues under locale/, one a topic, read at first use.

A catalogue is a plain .po file that translators edit; nothing has to be compiled (docs/how-to/translate.md).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from lectern import errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from gettext import NullTranslations

LOCALE = Path(__file__).parent / "locale"

#: What the texts in the code are written in, and what everybody gets whose language is not here.
SOURCE = "en"

#: An Accept-Language of a real browser is shorter.
_LONGEST = 500


#: Marks a text where it is written; the modules below this one have it from there.
to_translate = errors.to_translate


@dataclass(frozen=True)
class Sentence:
    """What is said at one place and shown at another, in whichever language is read there."""

    text: str  # marked by `to_translate`, with a `{name}` for each value
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, translation: NullTranslations) -> str:
        """Give it in a language."""
        return translation.gettext(self.text).format(**self.values)

    def __str__(self) -> str:
        return self.text.format(**self.values)


class Tellable(Protocol):
    """What is told in the reader's language: every `LecternError`, and the hub's `Refusal`."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences, marked by `to_translate`; an empty one is left out."""

    @property
    def values(self) -> Mapping[str, object]:
        """What each `{name}` in them stands for, an error too; without any, braces are only braces."""


def told(problem: Tellable, translation: NullTranslations) -> str:
    """Give an error's sentences in a language."""
    return " ".join(text for text in translated(problem, translation) if text)


def translated(problem: Tellable, translation: NullTranslations) -> tuple[str, ...]:
    """Give each of an error's texts in a language; what no catalogue has stays as it is."""
    texts = (translation.gettext(text) if text else "" for text in problem.texts)
    values = {
        name: told(value, translation) if isinstance(value, errors.LecternError) else value
        for name, value in problem.values.items()
    }
    return tuple(text.format(**values) if values else text for text in texts)


def languages() -> list[str]:
    """Name the languages that pages can be read in; the source's first."""
    return [SOURCE, *sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())]


def language_for(accept_language: str) -> str:
    """Choose the language of a page.

    Parameters
    ----------
    accept_language : str
        The header as the browser sent it; whatever it is, a language comes back.

    Returns
    -------
    str
        One of `languages`.

    References
    ----------
    RFC 9110, 12.5.4.
    """
    return _language_for(accept_language[:_LONGEST])


def translation_for(accept_language: str) -> NullTranslations:
    """Give the texts for a browser's `Accept-Language` header."""
    return translation(language_for(accept_language))


@cache
def translation(language: str) -> NullTranslations:
    """Give the texts of one of `languages`, of all topics together."""
    together = Translations()
    for path in sorted((LOCALE / language).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        topic = Translations(compiled)
        together.merge(topic)
        together.plural = topic.plural  # which merging leaves as English has it
    return together


def _language_for(header: str) -> str:
    offered = languages()
    wanted = []
    for place, entry in enumerate(header.split(",")):
        tag, _, rest = entry.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(rest)
        if primary in offered and quality > 0:
            wanted.append((-quality, place, primary))
    return min(wanted)[2] if wanted else SOURCE


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
