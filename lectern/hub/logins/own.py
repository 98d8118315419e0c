"""Your own class: any of JupyterHub's Authenticators, given by its import path."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from jupyterhub.auth import Authenticator
from jupyterhub.utils import maybe_future

from lectern.errors import SettingError
from lectern.hub.logins.visit import Person, SilentProviderError, Visit

if TYPE_CHECKING:
    from jupyterhub.handlers import BaseHandler


def load(path: str) -> type[Authenticator]:
    """Import a class.

    Raises
    ------
    SettingError
        There is no such module or class, or it is no Authenticator.
    """
    module, _, name = path.rpartition(".")
    hint = "put the module into hub/conf.d/ and run `make up`; docs/how-to/logins.md tells more"
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as problem:  # a module of the operator's may raise anything
        raise SettingError(f"cannot be imported ({problem!r})", where=path, hint=hint) from problem
    if not (isinstance(found, type) and issubclass(found, Authenticator)):
        raise SettingError("is no class of jupyterhub.auth.Authenticator", where=path, hint=hint)
    return found


class OwnClass:
    """A class of the operator's as a way: its own rules say who may enter, its name is the stable id."""

    def __init__(self, authenticator: Authenticator, title: str) -> None:
        self.authenticator = authenticator
        self.title = title

    async def visit(self, handler: BaseHandler, data: Any) -> Visit | None:  # noqa: ANN401
        """Ask it as JupyterHub would."""
        return self._visit(await self.authenticator.get_authenticated_user(handler, data))

    async def renew(self, state: dict[str, Any]) -> Visit | None:
        """Ask it as JupyterHub would; its `refresh_user` sees the name and the auth_state that it gave.

        Raises
        ------
        SilentProviderError
            It cannot reach what it asks.
        """
        kept = state["model"]
        try:
            fresh = await maybe_future(self.authenticator.refresh_user(_Remembered(kept), None))
        except (OSError, TimeoutError) as problem:
            raise SilentProviderError(where=self.title, hint=repr(problem)) from problem
        if fresh is True:
            return self._visit(kept)
        return self._visit({**kept, **fresh}) if fresh else None

    @staticmethod
    def _visit(model: dict[str, Any] | None) -> Visit | None:
        if not model:
            return None
        kept = {name: model.get(name) for name in ("name", "auth_state", "groups")}
        person = Person(model["name"], model["name"], frozenset(model.get("groups") or ()))
        return Visit(person, {"model": kept})


class _Remembered:
    """Somebody as an Authenticator's `refresh_user` expects them."""

    def __init__(self, model: dict[str, Any]) -> None:
        self.name = model["name"]
        self._state = model["auth_state"]

    async def get_auth_state(self) -> Any:  # noqa: ANN401 - whatever the class gave
        return self._state
