"""What other programs ask the hub, beside JupyterHub's own REST interface."""

from __future__ import annotations

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.scopes import needs_scope
from nativeauthenticator.orm import UserInfo

from lectern.hub import courses


class CoursesHandler(APIHandler):
    """/hub/api/lectern/courses: what `lectern course list` prints."""

    @needs_scope("admin:groups")
    async def get(self) -> None:
        """List the courses with their codes."""
        address = self.authenticator.lectern_settings.address
        self.finish(
            {
                "courses": [
                    {
                        "name": course.name,
                        "code": course.code,
                        "environment": course.environment,
                        "join_url": f"{address}{self.hub.base_url}join/{course.code}",
                    }
                    for course in courses.all_courses(self.db)
                ]
            }
        )


class WelcomeHandler(APIHandler):
    """/hub/api/lectern/welcome: whether the admin's generated password still holds."""

    @needs_scope("admin:groups")
    async def get(self) -> None:
        """Tell it."""
        settings = self.authenticator.lectern_settings
        account = UserInfo.find(self.db, settings.admin)
        initial = await self.authenticator.has_initial_password(account)
        self.finish({"admin": settings.admin, "initial_password": initial})
