"""A provider that is away, or answers what cannot be."""

import logging
from types import SimpleNamespace

import pytest

from lectern.hub.logins.dispatcher import OpenWay, WayDispatcher
from lectern.hub.logins.oauth import unavailable
from lectern.hub.logins.openid import OpenID
from lectern.hub.logins.visit import ProviderDownError, SilentProviderError
from lectern.web.translation import told, translation

SILENT = SilentProviderError(where="Uni", hint="ConnectTimeout()")
CONFUSED = ProviderDownError("named two different people", where="Uni")


def _page(language, problem):
    return told(unavailable(problem), translation(language))


@pytest.mark.parametrize(
    ("problem", "english", "german"),
    [
        (SILENT, "Uni does not answer. Please", "Uni antwortet nicht. Bitte"),
        (
            CONFUSED,
            "Uni named two different people. Please",
            "Uni hat zwei verschiedene Personen genannt. Bitte",
        ),
    ],
)
def test_an_outage_is_told_in_the_reader_s_language(problem, english, german):
    assert _page("en", problem).startswith(english)
    assert _page("de", problem).startswith(german)


def test_a_confirmation_that_does_not_hold_is_told_in_german():
    way = OpenID(title="Uni", client_id="lectern", issuer="https://idp.example")

    with pytest.raises(ProviderDownError) as caught:
        way._claims("no.token.at-all")  # noqa: SLF001

    assert _page("de", caught.value).startswith("Uni hat eine Bestätigung geschickt, die nicht gilt")


@pytest.mark.parametrize(("problem", "is_left_alone"), [(SILENT, True), (CONFUSED, False)])
async def test_only_a_silent_provider_is_left_alone_for_a_while(problem, is_left_alone):
    async def renew(_state):
        raise problem

    plan = SimpleNamespace(key="oidc", provider="https://idp.example")
    asked_again_at = {}
    dispatcher = SimpleNamespace(
        _open={"oidc": OpenWay(plan, None, SimpleNamespace(renew=renew))},
        _ask_again_at=asked_again_at,
        log=logging.getLogger("test"),
    )
    kept = {"way": "oidc", "provider": plan.provider, "visit": {}}

    assert await WayDispatcher._renew(dispatcher, SimpleNamespace(name="ada"), kept) is True  # noqa: SLF001
    assert ("oidc" in asked_again_at) is is_left_alone
