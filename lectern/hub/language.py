"""The hub's pages in the reader's language.

JupyterHub makes its jinja environment once, for all requests. What a template says is therefore looked up
while it is rendered: by the request's handler, which every template has through `static_url`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import pass_context
from jinja2.ext import InternationalizationExtension
from tornado import web

from lectern.hub.accounts import SignUpError
from lectern.hub.start_errors import StartError
from lectern.web.translation import language_for, told, translation_for

if TYPE_CHECKING:
    from gettext import NullTranslations

    from jinja2 import Environment
    from jinja2.runtime import Context
    from tornado.web import RequestHandler

    from lectern.errors import LecternError


def translation_of(handler: RequestHandler) -> NullTranslations:
    """Give the texts for who asked: `_ = translation_of(self).gettext`."""
    return translation_for(_wanted(handler))


class Refusal(web.HTTPError):
    """An error whose page says a text in the reader's language, whoever that will be.

    Parameters
    ----------
    status : int
        HTTP status.
    text : str
        Marked by `to_translate`, with a `{name}` for each value.
    """

    def __init__(self, status: int, text: str, **values: object) -> None:
        self.texts = (text,)
        self.values = values
        super().__init__(status, text.format(**values))

    @classmethod
    def of(cls, status: int, problem: LecternError) -> Refusal:
        """Give the page what an error says, without its hint."""
        return cls(status, problem.texts[0], **problem.values)


class LanguageExtension(InternationalizationExtension):
    """jinja2's own i18n in a request's language; templates also get `language()` and `told(exception)`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
        environment.globals["language"] = _language
        environment.globals["told"] = _told


@pass_context
def _gettext(context: Context, text: str) -> str:
    return translation_of(_handler(context)).gettext(text)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int) -> str:
    return translation_of(_handler(context)).ngettext(one, many, number)


@pass_context
def _language(context: Context) -> str:
    return language_for(_wanted(_handler(context)))


def _handler(context: Context) -> Any:  # noqa: ANN401 - one of JupyterHub's, as it renders
    return context["static_url"].__self__


def _wanted(handler: Any) -> str:  # noqa: ANN401
    return handler.request.headers.get("Accept-Language", "")


@pass_context
def _told(context: Context, problem: object) -> str:
    """Give what an error says to people; nothing of one that is for the log."""
    if not isinstance(problem, Refusal | SignUpError | StartError):
        return ""
    return told(problem, translation_of(_handler(context)))
