"""The page of the privacy notice, and the way there for who has not agreed yet."""

from __future__ import annotations

from datetime import UTC, datetime

from jupyterhub.handlers.base import BaseHandler
from tornado import web
from tornado.httputil import url_concat

from lectern.hub import consent
from lectern.hub.notice import Notice, read_notice


def notice_of(handler: BaseHandler) -> Notice | None:
    """Give the installation's notice; None where there is none."""
    return read_notice(handler.authenticator.lectern_settings.notice)


def leads_to_notice(handler: BaseHandler) -> bool:
    """Lead somebody who is logged in to the notice, unless they agreed to it; say whether.

    Called by the pages that everybody comes by after a login of any kind: the home page, the start of a
    server, and where a running server or a service asks who somebody is.
    """
    notice, user = notice_of(handler), handler.current_user
    if notice is None or user is None or consent.find(handler.db, user.name, notice):
        return False
    handler.redirect(url_concat(f"{handler.hub.base_url}privacy", {"next": handler.request.uri}))
    return True


class PrivacyHandler(BaseHandler):
    """/hub/privacy: the notice, for everybody; a box to tick for who is logged in."""

    async def get(self) -> None:
        """Show it."""
        self._show(self._notice())

    @web.authenticated
    async def post(self) -> None:
        """Take somebody's consent to the text that they saw."""
        notice = self._notice()
        if self.get_body_argument("consent", "") != notice.hashed:
            self.set_status(400)
            self._show(notice, is_refused=True)
            return
        consent.give(self.db, self.current_user.name, notice, datetime.now(UTC))
        # Checked by JupyterHub: only addresses of this hub.
        self.redirect(self.get_next_url(self.current_user, default=f"{self.hub.base_url}home"))

    def _notice(self) -> Notice:
        notice = notice_of(self)
        if notice is None:
            raise web.HTTPError(404)
        return notice

    def _show(self, notice: Notice, *, is_refused: bool = False) -> None:
        user = self.current_user
        given = consent.find(self.db, user.name, notice) if user else None
        self.finish(
            self.render_template(
                "privacy.html",
                sync=True,
                notice=notice,
                given_at=f"{given.given_at:%Y-%m-%d %H:%M} (UTC)" if given else "",
                is_refused=is_refused,
                action=self.request.uri,
                xsrf=self.xsrf_token.decode("ascii"),
            )
        )
