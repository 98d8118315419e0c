"""Settings → ways: which class each is, with which options, what the page says about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jupyterhub.auth import Authenticator

from lectern.errors import SettingError
from lectern.hub.logins.directory import Directory
from lectern.hub.logins.lti import LearningPlatform
from lectern.hub.logins.mediawiki import MediaWiki
from lectern.hub.logins.openid import Google, OpenID
from lectern.hub.logins.own import load
from lectern.hub.logins.services import Bitbucket, GitHub, GitLab, OpenShift
from lectern.login_settings import EVERYBODY, GroupRule, group_rules, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.settings import Settings

NATIVE = "native"


@dataclass(frozen=True)
class PlannedWay:
    """A way to log in before it is made."""

    key: str  # its name in LECTERN_LOGIN, and its prefix: /hub/<key>/…
    title: str  # what people call it
    kind: Literal["button", "form", "launch"]  # leads away; asks for a password itself; comes from elsewhere
    provider: str  # within it a person's id is unique
    authenticator: type[Authenticator]
    options: dict[str, Any] = field(default_factory=dict)  # traits of the class
    allow: str = EVERYBODY
    rules: tuple[GroupRule, ...] = ()


def plan_ways(settings: Settings) -> list[PlannedWay]:
    """Plan the ways that are not native, in their order.

    Raises
    ------
    SettingError
        A secret is missing, or a class of the operator's; or two classes have the same name.
    """
    planned: dict[str, PlannedWay] = {}
    named: dict[str, str] = {}
    for name in words(settings.login):
        if name == NATIVE:
            continue
        way = _PLANS[name](settings) if name in _PLANS else _own(settings, name)
        if way.key in planned:
            raise SettingError(
                f"`{named[way.key]}` and `{name}` would have the same pages, /hub/{way.key}/",
                where=f"LECTERN_LOGIN={settings.login}",
                hint="give one of the classes another name, whatever its capitals, and run `make up` again",
            )
        planned[way.key], named[way.key] = way, name
    return list(planned.values())


def has_native(settings: Settings) -> bool:
    """Say whether people with a course code may make an account with a password."""
    return NATIVE in words(settings.login)


def _oauth(
    settings: Settings,
    key: str,
    title: str,
    authenticator: type[Authenticator],
    *,
    place: str = "",
    **options: Any,  # noqa: ANN401
) -> PlannedWay:
    allow, rules = getattr(settings, f"{key}_allow"), group_rules(getattr(settings, f"{key}_groups"))
    return PlannedWay(
        key=key,
        title=title,
        kind="button",
        provider=f"{key} {place}".strip(),
        authenticator=authenticator,
        options={
            "title": title,
            "client_id": getattr(settings, f"{key}_client_id"),
            "client_secret": settings.login_secret(f"{key}_client_secret"),
            "oauth_callback_url": f"{settings.address}/hub/{key}/callback",
            "wants_groups": bool(rules) or EVERYBODY not in words(allow),
            **options,
        },
        allow=allow,
        rules=rules,
    )


def _at(key: str, title: str, authenticator: type[Authenticator]) -> Callable[[Settings], PlannedWay]:
    def plan(settings: Settings) -> PlannedWay:
        url = getattr(settings, f"{key}_url")
        return _oauth(settings, key, title, authenticator, place=url, url=url)

    return plan


def _oidc(settings: Settings) -> PlannedWay:
    issuer, scopes = settings.oidc_issuer, settings.oidc_scopes.split()
    return _oauth(
        settings,
        "oidc",
        settings.oidc_title,
        OpenID,
        place=issuer,
        issuer=issuer,
        scope=scopes,
        groups_claim=settings.oidc_groups_claim,
    )


def _ldap(settings: Settings) -> PlannedWay:
    return PlannedWay(
        key="ldap",
        title=settings.ldap_title,
        kind="form",
        provider=f"ldap {settings.ldap_base}",
        authenticator=Directory,
        options={
            "title": settings.ldap_title,
            "url": settings.ldap_url,
            "base": settings.ldap_base,
            "group_base": settings.ldap_group_base,
            "attribute": settings.ldap_attribute,
            "bind_dn": settings.ldap_bind_dn,
            "bind_password": settings.login_secret("ldap_bind_password"),
        },
        allow=settings.ldap_allow,
        rules=group_rules(settings.ldap_groups),
    )


def _lti13(settings: Settings) -> PlannedWay:
    return PlannedWay(
        key="lti13",
        title=settings.lti13_title,
        kind="launch",
        provider=f"lti13 {settings.lti13_issuer}",
        authenticator=LearningPlatform,
        options={
            "title": settings.lti13_title,
            "prefix": "lti13",
            "issuer": settings.lti13_issuer,
            "client_id": {settings.lti13_client_id},
            "deployments": settings.lti13_deployment,
            "authorize_url": settings.lti13_authorize_url,
            "jwks_endpoint": settings.lti13_keys_url,
            "uri_scheme": settings.address.partition(":")[0],
        },
        rules=group_rules(settings.lti13_groups),
    )


def _own(settings: Settings, path: str) -> PlannedWay:
    found = load(path)
    key = found.__name__.lower()
    is_oauth = "oauth_callback_url" in found.class_trait_names()
    title = str(getattr(found, "title", "") or found.__name__)
    # Whoever leads elsewhere overrides it; else JupyterHub's form asks for name and password.
    is_form = found.login_url is Authenticator.login_url
    return PlannedWay(
        key=key,
        title=title,
        kind="form" if is_form else "button",
        provider=path,
        authenticator=found,
        options={"oauth_callback_url": f"{settings.address}/hub/{key}/oauth_callback"} if is_oauth else {},
    )


_PLANS: dict[str, Callable[[Settings], PlannedWay]] = {
    "github": _at("github", "GitHub", GitHub),
    "gitlab": _at("gitlab", "GitLab", GitLab),
    "bitbucket": lambda settings: _oauth(settings, "bitbucket", "Bitbucket", Bitbucket),
    "google": lambda settings: _oauth(settings, "google", "Google", Google),
    "mediawiki": _at("mediawiki", "MediaWiki", MediaWiki),
    "openshift": _at("openshift", "OpenShift", OpenShift),
    "oidc": _oidc,
    "ldap": _ldap,
    "lti13": _lti13,
}
