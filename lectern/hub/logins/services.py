"""GitHub, GitLab, Bitbucket and OpenShift: who somebody is there, by the services' documented addresses.

References
----------
https://docs.github.com/en/rest, https://docs.gitlab.com/api/, OpenShift's user API,
https://developer.atlassian.com/cloud/bitbucket/rest/
"""

from __future__ import annotations

from typing import Any

from traitlets import Unicode, default

from lectern.hub.logins.oauth import OAuthWay, outages
from lectern.hub.logins.visit import Person

_GITHUB = "https://github.com"


class GitHub(OAuthWay):
    """Groups are organisations (``uni``) and teams (``uni/staff``)."""

    url = Unicode(_GITHUB, help="GitHub, or a GitHub Enterprise.").tag(config=True)

    @default("authorize_url")
    def _authorize(self) -> str:
        return f"{self.url}/login/oauth/authorize"

    @default("token_url")
    def _token(self) -> str:
        return f"{self.url}/login/oauth/access_token"

    @default("scope")
    def _scope(self) -> list[str]:
        return ["read:org"] if self.wants_groups else []

    async def describe(self, token: dict[str, Any]) -> Person:
        """Ask /user, and for organisations and teams."""
        api = "https://api.github.com" if self.url == _GITHUB else f"{self.url}/api/v3"
        user = await self.ask(f"{api}/user", token)
        groups = set()
        if self.wants_groups:
            async for organisation in self.ask_pages(f"{api}/user/orgs?per_page=100", token):
                groups.add(organisation["login"])
            async for team in self.ask_pages(f"{api}/user/teams?per_page=100", token):
                groups.add(f"{team['organization']['login']}/{team['slug']}")
        return Person(str(user["id"]), user["login"], frozenset(groups))


class GitLab(OAuthWay):
    """Groups have their full path: ``uni/course-a``; members of a group are members of those below it."""

    url = Unicode("https://gitlab.com", help="GitLab, or one's own.").tag(config=True)

    @default("authorize_url")
    def _authorize(self) -> str:
        return f"{self.url}/oauth/authorize"

    @default("token_url")
    def _token(self) -> str:
        return f"{self.url}/oauth/token"

    @default("scope")
    def _scope(self) -> list[str]:
        return ["read_user", *(["read_api"] if self.wants_groups else [])]

    async def describe(self, token: dict[str, Any]) -> Person:
        """Ask /user, and for groups in which somebody is a guest at least."""
        user = await self.ask(f"{self.url}/api/v4/user", token)
        groups = set()
        if self.wants_groups:
            listed = f"{self.url}/api/v4/groups?min_access_level=10&per_page=100"
            async for group in self.ask_pages(listed, token):
                groups.add(group["full_path"])
        return Person(str(user["id"]), user["username"], frozenset(groups))


class Bitbucket(OAuthWay):
    """Groups are workspaces, by the name in their address."""

    url = Unicode("https://bitbucket.org", help="Where people agree.").tag(config=True)
    api_url = Unicode("https://api.bitbucket.org", help="Where the interface is.").tag(config=True)

    @default("authorize_url")
    def _authorize(self) -> str:
        return f"{self.url}/site/oauth2/authorize"

    @default("token_url")
    def _token(self) -> str:
        return f"{self.url}/site/oauth2/access_token"

    async def describe(self, token: dict[str, Any]) -> Person:
        """Ask /user and, page after page, /user/workspaces."""
        user = await self.ask(f"{self.api_url}/2.0/user", token)
        groups: set[str] = set()
        page = f"{self.api_url}/2.0/user/workspaces" if self.wants_groups else ""
        while page.startswith(self.api_url):
            answer = await self.ask(page, token)
            groups |= {entry["workspace"]["slug"] for entry in answer["values"]}
            page = answer.get("next", "")
        return Person(user["uuid"], user.get("username") or user["display_name"], frozenset(groups))


class OpenShift(OAuthWay):
    """Groups are the cluster's."""

    url = Unicode(help="Address of the cluster's API.").tag(config=True)

    @default("scope")
    def _scope(self) -> list[str]:
        return ["user:info"]

    _is_discovered = False

    async def discover(self) -> None:
        """Learn where its OAuth server is (RFC 8414)."""
        if self._is_discovered:
            return
        with outages(self.title):
            known = await self.httpfetch(f"{self.url}/.well-known/oauth-authorization-server")
            self.authorize_url = known["authorization_endpoint"]
            self.token_url = known["token_endpoint"]
        self._is_discovered = True

    async def describe(self, token: dict[str, Any]) -> Person:
        """Ask for the user ``~``: whoever asks."""
        user = await self.ask(f"{self.url}/apis/user.openshift.io/v1/users/~", token)
        name = user["metadata"]["name"]
        # Users of some clusters have no uid of their own (virtual ones); there the name is the id.
        return Person(
            user["metadata"].get("uid") or f"name:{name}", name, frozenset(user.get("groups") or ())
        )
