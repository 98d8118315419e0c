"""The hub's pages in the reader's language.

JupyterHub makes its jinja environment once, for all requests. What a template says is therefore looked up
while it is rendered: by the request's handler, which every template has through `static_url`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import pass_context
from jinja2.ext import InternationalizationExtension
from tornado import web

from lectern.web.translation import language_for, translation_for

if TYPE_CHECKING:
    from gettext import NullTranslations

    from jinja2 import Environment
    from jinja2.runtime import Context
    from tornado.web import RequestHandler

    from lectern.hub.accounts import SignUpError


def translation_of(handler: RequestHandler) -> NullTranslations:
    """Give the texts for who asked: `_ = translation_of(self).gettext`."""
    return translation_for(_wanted(handler))


def refusal(handler: RequestHandler, status: int, text: str, **values: object) -> web.HTTPError:
    """Give an error whose page says a text in the reader's language."""
    told = translation_of(handler).gettext(text).format(**values)
    return web.HTTPError(status, told.replace("%", "%%"))


class LanguageExtension(InternationalizationExtension):
    """jinja2's own i18n in the language of a request; templates also get `language()` and `told(problem)`."""

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
def _told(context: Context, problem: SignUpError) -> str:
    return problem.told(translation_of(_handler(context)))
