"""What all pages share: who is asking, in which language, and how what goes wrong is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, RequestHandler

from lectern.builder.service.access import Person, is_instructor, require_edit
from lectern.builder.service.addresses import PREFIX
from lectern.builder.service.printable import printable_lines
from lectern.errors import AccessError, HubError, LecternError, RepoError
from lectern.web import assets
from lectern.web.translation import SOURCE, language_for, translated, translation_for

if TYPE_CHECKING:
    from datetime import datetime

    from lectern.builder.service.access import Course
    from lectern.builder.service.service import Service

_STATUS = {AccessError: 403, RepoError: 409, HubError: 503}
_ADDRESSES = assets.addresses(f"{PREFIX}/static/")
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    extensions=["jinja2.ext.i18n"],
    trim_blocks=True,
    lstrip_blocks=True,
)


def _utc(time: datetime) -> str:
    """Give a moment as all pages show it: a commit's has its author's zone, a release's has UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


_TEMPLATES.filters["utc"] = _utc


def render(template: str, accept_language: str, **values: Any) -> str:  # noqa: ANN401 - what templates take
    """Give a page in the reader's language.

    Parameters
    ----------
    template : str
        Its file.
    accept_language : str
        The header as the browser sent it.
    **values : Any
        What the template shows; all text in it is escaped.
    """
    environment = _TEMPLATES.overlay()
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        translation_for(accept_language), newstyle=True
    )
    return environment.get_template(template).render(
        prefix=PREFIX, assets=_ADDRESSES, language=language_for(accept_language), **values
    )


class PageHandler(HubOAuthenticated, RequestHandler):
    """A page for somebody who has logged in at the hub."""

    person: Person = Person("")
    courses: tuple[Course, ...] = ()

    @property
    def service(self) -> Service:
        """Give the parts of the service."""
        service: Service = self.settings["service"]
        return service

    async def prepare(self) -> None:
        """Find out who is asking; whoever has not logged in goes to the hub for that."""
        model = await self.hub_auth.get_user(self, sync=False)
        self._hub_auth_user_cache = self.check_hub_user(model) if model else None
        if model is None:
            mode = self.request.headers.get("Sec-Fetch-Mode", "navigate")
            if self.request.method != "GET" or mode != "navigate":  # a script cannot fill in the hub's form
                raise HTTPError(403)
            self.redirect(self.get_login_url())
            return
        self.person = await self.service.hub.person(str(model["name"]))
        self.courses = await self.service.hub.courses()
        if not is_instructor(self.person):
            require_edit(self.person, "", self.courses)

    def may_see(self, name: str) -> None:
        """See that the environment is there, and theirs.

        Raises
        ------
        LecternError
            It is not.
        """
        require_edit(self.person, name, self.courses)
        self.service.repos.path(name)

    def show(self, template: str, **values: Any) -> None:  # noqa: ANN401 - what templates take
        """Answer with a page."""
        accepted = self.request.headers.get("Accept-Language", "")
        xsrf = self.xsrf_token
        token = xsrf.decode() if isinstance(xsrf, bytes) else xsrf
        self.finish(render(template, accepted, person=self.person, xsrf=token, **values))

    def told(self, problem: LecternError) -> Told:
        """Give an error in the language of who asks."""
        return told(problem, self.request.headers.get("Accept-Language", ""))

    def set_default_headers(self) -> None:
        """Let a page run nothing but our own script, and be kept by nobody."""
        self.set_header("Content-Security-Policy", _CONTENT_POLICY)
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")

    def write_error(self, status_code: int, **more: Any) -> None:  # noqa: ANN401 - tornado's
        """Say what is wrong, and the way back."""
        problem = more.get("exc_info", (None, None, None))[1]
        if isinstance(problem, LecternError):
            status_code = _STATUS.get(type(problem), 400)
            self.set_status(status_code)
            self.show("problem.html", status=status_code, error=self.told(problem))
            return
        self.show("problem.html", status=status_code, error=None)

    def log_exception(self, kind: Any, problem: Any, trace: Any) -> None:  # noqa: ANN401 - tornado's
        """Log what is our fault only: what a person did wrong is told to them."""
        if not isinstance(problem, LecternError):
            super().log_exception(kind, problem, trace)


@dataclass(frozen=True)
class Told:
    """An error as a page shows it."""

    lines: tuple[str, ...]
    language: str  # what the lines are written in, for who hears the page


def told(problem: LecternError, accept_language: str) -> Told:
    """Give an error in the reader's language; one that comes from the build itself is English.

    Parameters
    ----------
    problem : LecternError
        What went wrong.
    accept_language : str
        The header as the browser sent it.
    """
    what, hint = translated(problem, translation_for(accept_language))
    language = language_for(accept_language)
    if what == problem.what:
        hint, language = problem.hint, SOURCE
    fact = f"{problem.where}: {what}" if problem.where else what
    return Told(tuple(line for text in (fact, hint) if text for line in printable_lines(text)), language)
