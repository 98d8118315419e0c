"""Why a server does not start, for the page that waits for it."""

from __future__ import annotations

from lectern.errors import LecternError


class StartError(LecternError):
    """A participant's server cannot start; `what` and `hint` are sentences, marked for translation."""

    @property
    def jupyterhub_message(self) -> str:
        """Give what JupyterHub tells where nobody's language is known."""
        return " ".join(text for text in (self.what, self.hint) if text)


class BootError(StartError):
    """A container did not become a server: the one failure that a second attempt may mend."""
