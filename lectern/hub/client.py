"""The hub's REST interface, as the `lectern` command asks it with a token of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from lectern.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lectern.settings import Settings

_HUB = "http://127.0.0.1:8081/hub/api"
_TIMEOUT_S = 30
_REFUSED = range(400, 500)


class RefusedError(HubError):
    """The hub understood and refuses; `status` is HTTP's."""

    def __init__(self, what: str, *, status: int, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.status = status


def ask(
    path: str, settings: Settings, *, method: str = "GET", body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Ask the hub.

    Raises
    ------
    RefusedError
        It says why not.
    HubError
        It does not answer.
    """
    hint = "`make status` shows whether it runs, `make logs` why not"
    try:
        answer = requests.request(
            method,
            f"{_HUB}/{path}",
            headers={"Authorization": f"token {settings.secret('api_token')}"},
            json=body,
            timeout=_TIMEOUT_S,
        )
        told = dict(answer.json()) if answer.content else {}
        if answer.status_code in _REFUSED:
            what, _, next_step = str(told.get("message", answer.reason)).partition("\nhint: ")
            raise RefusedError(what, status=answer.status_code, hint=next_step)
        answer.raise_for_status()
    except (requests.RequestException, ValueError) as problem:
        raise HubError(f"does not answer ({problem})", where="hub", hint=hint) from problem
    return told
