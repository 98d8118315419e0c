"""What other programs ask the hub, beside JupyterHub's own REST interface."""

from __future__ import annotations

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.scopes import needs_scope
from nativeauthenticator.orm import UserInfo


class WelcomeApi(APIHandler):
    """/hub/api/lectern/welcome: whether the admin's generated password still holds."""

    @needs_scope("admin:groups")
    async def get(self) -> None:
        """Tell it."""
        settings = self.authenticator.lectern_settings
        account = UserInfo.find(self.db, settings.admin)
        initial = await self.authenticator.has_initial_password(account)
        self.finish({"admin": settings.admin, "initial_password": initial})
