"""/hub/api/users/<name>: JupyterHub's own, without another name."""

from __future__ import annotations

from typing import Any

from jupyterhub.apihandlers.users import UserAPIHandler
from jupyterhub.scopes import needs_scope

from lectern.hub.language import Refusal
from lectern.web.translation import to_translate


class UserApi(UserAPIHandler):
    """A user; login, memberships and home are kept by the name, so it stays."""

    @needs_scope("admin:users")
    async def patch(self, user_name: str) -> None:
        """Change what JupyterHub lets one change, but not the name."""
        asked = super().get_json_body()
        if isinstance(asked, dict) and asked.get("name", user_name) != user_name:
            text = to_translate(
                "An account keeps its name: files and memberships belong to it. "
                "Please make a new account instead."
            )
            raise Refusal(400, text)
        await super().patch(user_name)

    def get_json_body(self) -> Any:  # noqa: ANN401 - JupyterHub's
        """Read the body, without a name that stays.

        JupyterHub 6.1.1 empties the name of whoever's is sent unchanged, and its admin page sends it so.
        """
        body = super().get_json_body()
        if self.request.method == "PATCH" and isinstance(body, dict):
            body.pop("name", None)
        return body
