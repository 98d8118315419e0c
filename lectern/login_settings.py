"""Settings of the ways to log in: a part of Settings, on a page of its own for their number.

Nothing is read here: lectern.settings reads the environment and the secrets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from lectern.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Written where everybody whom the provider knows may enter.
EVERYBODY = "everybody"

#: Roles in a course, the lowest first.
ROLES = ("participant", "helper", "instructor")

#: Folder of the ways' secrets, within the folder of all secrets.
SECRETS = "logins"

_OWN_CLASS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


@dataclass(frozen=True)
class GroupRule:
    """Whoever is in a provider's group has a role in a course."""

    group: str
    course: str
    role: str


def words(text: str) -> tuple[str, ...]:
    """Read a list: commas between, blanks around do not count."""
    return tuple(word for part in text.split(",") if (word := part.strip()))


def group_rules(text: str) -> tuple[GroupRule, ...]:
    """Read which groups lead into which courses.

    Parameters
    ----------
    text : str
        ``group=course:role`` with commas between; the role is participant where it is left out.

    Raises
    ------
    ValueError
        A part has another form, or names an unknown role.
    """
    rules = []
    for part in words(text):
        group, _, place = part.rpartition("=")
        course, _, role = place.partition(":")
        group, course, role = group.strip(), course.strip(), role.strip() or ROLES[0]
        if not group or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", course):
            raise ValueError(f"`{part}` should be group=course:role, such as uni/stats=statistics:instructor")
        if role not in ROLES:
            raise ValueError(f"`{role}` is no role: write one of {', '.join(ROLES)}")
        rules.append(GroupRule(group, course, role))
    return tuple(rules)


def _reads(read: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


def _ways(text: str) -> tuple[str, ...]:
    ways = words(text)
    unknown = [way for way in ways if way not in REQUIRED and not _OWN_CLASS.fullmatch(way)]
    if unknown:
        known = ", ".join(REQUIRED)
        raise ValueError(f"`{unknown[0]}` is no way to log in: write some of {known}, or module.Class")
    if not ways or len(set(ways)) < len(ways):
        raise ValueError("name at least one way to log in, and each once")
    return ways


_Rules = Annotated[str, _reads(group_rules)]


def _client(where: str) -> Any:  # noqa: ANN401 - pydantic's Field
    return Field("", description=f"Client id of Lectern {where}.")


def _allow(what: str, example: str) -> Any:  # noqa: ANN401
    return Field(
        "", description=f"Who may enter: {what}, such as `{example}`, commas between; or `{EVERYBODY}`."
    )


def _groups(what: str, example: str) -> Any:  # noqa: ANN401
    return Field(
        "", description=f"{what} → courses and roles, commas between: `{example}=data-literacy:instructor`."
    )


def _url(what: str, value: str = "", scheme: str = "https?") -> Any:  # noqa: ANN401
    return Field(value, pattern=rf"^$|^{scheme}://\S+[^/\s]$", description=what)


def _issuer(what: str) -> Any:  # noqa: ANN401
    # Compared letter by letter with what it calls itself: a slash at its end belongs to it.
    return Field("", pattern=r"^$|^https?://\S+$", description=what)


class LoginSettings(BaseModel):
    """How people log in; a way's own settings count when `LECTERN_LOGIN` names it."""

    login: Annotated[str, _reads(_ways)] = Field(
        "native",
        description="Ways to log in, in their order on the page: native (course code, name and password), "
        "github, gitlab, bitbucket, google, mediawiki, openshift, oidc, ldap, lti13, your own module.Class.",
    )

    github_client_id: str = _client("at GitHub")
    github_allow: str = _allow("organisations and teams", "uni,uni/staff")
    github_groups: _Rules = _groups("Organisations and teams", "uni/staff")
    github_url: str = _url("GitHub, or your GitHub Enterprise.", "https://github.com")

    gitlab_client_id: str = _client("at GitLab")
    gitlab_allow: str = _allow("groups with their full path", "uni/course-a")
    gitlab_groups: _Rules = _groups("Groups", "uni/staff")
    gitlab_url: str = _url("GitLab, or your own.", "https://gitlab.com")

    bitbucket_client_id: str = _client("at Bitbucket (its key)")
    bitbucket_allow: str = _allow("workspaces", "uni")
    bitbucket_groups: _Rules = _groups("Workspaces", "uni-staff")

    google_client_id: str = _client("at Google")
    google_allow: str = _allow("domains of Google Workspace", "uni.example")
    google_groups: _Rules = _groups("Domains", "uni.example")

    mediawiki_client_id: str = _client("at the wiki (its consumer token)")
    mediawiki_allow: str = _allow("groups of users", "autoconfirmed")
    mediawiki_groups: _Rules = _groups("Groups of users", "sysop")
    mediawiki_url: str = _url("The wiki's index.php.", "https://meta.wikimedia.org/w/index.php")

    openshift_client_id: str = _client("at OpenShift")
    openshift_allow: str = _allow("groups", "students")
    openshift_groups: _Rules = _groups("Groups", "staff")
    openshift_url: str = _url("Address of the cluster's API.")

    oidc_issuer: str = _issuer("The OpenID provider, letter by letter as it calls itself.")
    oidc_client_id: str = _client("at the provider")
    oidc_allow: str = _allow("groups", "students,staff")
    oidc_groups: _Rules = _groups("Groups", "staff")
    oidc_title: str = Field("your institution", description="What the button calls the provider.")
    oidc_scopes: str = Field(
        "openid profile email", description="Scopes to ask for; add `offline_access` for a refresh token."
    )
    oidc_groups_claim: str = Field("groups", description="The claim that lists somebody's groups.")

    ldap_url: str = _url(
        "The directory: ldaps://, or ldap:// which turns to TLS before anything is told.", scheme="ldaps?"
    )
    ldap_base: str = Field("", description="Where people are, such as `ou=people,dc=uni,dc=example`.")
    ldap_allow: str = _allow("groups by their cn", "students")
    ldap_groups: _Rules = _groups("Groups", "staff")
    ldap_group_base: str = Field("", description="Where groups are; empty for where people are.")
    ldap_title: str = Field("your institution", description="What the page calls the directory.")
    ldap_attribute: str = Field(
        "uid", pattern=r"^[A-Za-z][A-Za-z0-9-]*$", description="The attribute that people type as their name."
    )
    ldap_bind_dn: str = Field("", description="Who searches, if the directory lets not everybody search.")

    lti13_issuer: str = _issuer("The learning platform's id (issuer).")
    lti13_client_id: str = _client("at the learning platform")
    lti13_deployment: str = Field("", description="Deployment ids that may enter, commas between.")
    lti13_groups: _Rules = _groups("Course labels, and label/Instructor", "DL101/Instructor")
    lti13_authorize_url: str = _url("The platform's authentication request address.")
    lti13_keys_url: str = _url("The platform's public keyset address.")
    lti13_title: str = Field("your learning platform", description="What the page calls the platform.")


def _oauth(name: str, *more: str) -> tuple[str, ...]:
    return (f"{name}_client_id", f"{name}_allow", *more)


#: Way → settings that it cannot do without.
REQUIRED: dict[str, tuple[str, ...]] = {
    "native": (),
    **{name: _oauth(name) for name in ("github", "gitlab", "bitbucket", "google", "mediawiki")},
    "openshift": _oauth("openshift", "openshift_url"),
    "oidc": _oauth("oidc", "oidc_issuer"),
    "ldap": ("ldap_url", "ldap_base", "ldap_allow"),
    "lti13": (
        "lti13_issuer",
        "lti13_client_id",
        "lti13_deployment",
        "lti13_authorize_url",
        "lti13_keys_url",
    ),
}


def check_required(settings: LoginSettings, prefix: str) -> None:
    """See that each way has what it cannot do without.

    Raises
    ------
    SettingError
        Names the first variable that is missing.
    """
    for way in words(settings.login):
        for name in REQUIRED.get(way, ()):
            if not getattr(settings, name):
                raise SettingError(
                    f"is missing, and {prefix}LOGIN has `{way}`",
                    where=prefix + name.upper(),
                    hint=f"{LoginSettings.model_fields[name].description} docs/how-to/logins.md tells more",
                )


def secret_names(settings: LoginSettings) -> list[str]:
    """List the secret files that the ways need, in the folder `SECRETS`."""
    ways = words(settings.login)
    # An LTI platform signs with a key of its own; there is no secret between it and us.
    needed = [f"{way}_client_secret" for way in ways if f"{way}_client_id" in REQUIRED.get(way, ())[:1]]
    return [*needed, *(["ldap_bind_password"] if "ldap" in ways and settings.ldap_bind_dn else [])]
