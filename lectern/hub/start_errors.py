"""Why a server does not start, for the page that waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lectern.errors import LecternError
from lectern.web.translation import Sentence

if TYPE_CHECKING:
    from gettext import NullTranslations


class StartError(LecternError):
    """A participant's server cannot start; JupyterHub shows the message in the page.

    Parameters
    ----------
    what, hint : str
        Sentences, marked for translation where it is raised, with a `{name}` for each value.
    values : object
        What the names stand for.
    """

    def __init__(self, what: str, *, hint: str, **values: object) -> None:
        self._sentences = (Sentence(what, values), Sentence(hint, values))
        super().__init__(what.format(**values).removesuffix("."), hint=hint.format(**values))

    @property
    def jupyterhub_message(self) -> str:
        """Give what the participant reads."""
        return " ".join(str(sentence) for sentence in self._sentences)

    def told(self, translation: NullTranslations) -> str:
        """Give it in the reader's language."""
        return " ".join(sentence.told(translation) for sentence in self._sentences)


class BootError(StartError):
    """A container did not become a server: the one failure that a second attempt may mend."""
