"""Any OpenID provider, and Google, which is one.

References
----------
OpenID Connect Core 1.0 (3.1.3.7, 5.3), Discovery 1.0 (4), RP-Initiated Logout 1.0.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import jwt
from traitlets import Unicode, default

from lectern.hub.logins.oauth import OAuthWay, outages
from lectern.hub.logins.visit import Person, ProviderDownError
from lectern.web.translation import to_translate

#: Clocks of two machines differ.
_LEEWAY_S = 60


class OpenID(OAuthWay):
    """Groups are what a claim lists."""

    issuer = Unicode(help="The provider, as it calls itself.").tag(config=True)
    groups_claim = Unicode("groups", help="The claim that lists groups.").tag(config=True)

    end_session_url = ""
    _is_discovered = False

    @default("extra_authorize_params")
    def _consent(self) -> dict[str, str]:
        # OpenID Connect Core 11: without consent a provider leaves offline_access out.
        return {"prompt": "consent"} if "offline_access" in self.scope else {}

    async def discover(self) -> None:
        """Learn the provider's addresses."""
        if self._is_discovered:
            return
        with outages(self.title):
            where = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            known = await self.httpfetch(where)
        if known.get("issuer") != self.issuer:
            raise ProviderDownError(
                to_translate("calls itself by another name than the settings do"),
                where=self.title,
                hint=f"{known.get('issuer')!r}, not {self.issuer!r}",
            )
        with outages(self.title):
            self.userdata_url = known["userinfo_endpoint"]
            self.authorize_url = known["authorization_endpoint"]
            self.token_url = known["token_endpoint"]
        self.end_session_url = known.get("end_session_endpoint", "")
        self._is_discovered = True

    async def describe(self, token: dict[str, Any]) -> Person:
        """Ask the provider who it is; what its ID token said at login counts where it says nothing."""
        told = await self.ask(self.userdata_url, token)
        if "claims" not in token:
            token["claims"] = self._claims(token["id_token"]) if "id_token" in token else {}
        claims = {**token["claims"], **told}
        if token["claims"].get("sub", told["sub"]) != told["sub"]:
            raise ProviderDownError(to_translate("named two different people"), where=self.title)
        return self.person(claims)

    def _claims(self, id_token: str) -> dict[str, Any]:
        """Read an ID token that came from the provider itself over TLS (Core 3.1.3.7, 6)."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                audience=self.client_id,
                issuer=self.issuer,
                leeway=_LEEWAY_S,
                options={
                    "verify_signature": False,
                    "verify_aud": True,
                    "verify_iss": True,
                    "verify_exp": True,
                },
            )
        except jwt.PyJWTError as problem:
            raise ProviderDownError(
                to_translate("sent a confirmation that does not hold (are both clocks right?)"),
                where=self.title,
                hint=str(problem),
            ) from problem
        return claims

    def person(self, claims: dict[str, Any]) -> Person:
        """Read the claims."""
        groups = claims.get(self.groups_claim) or []
        listed = [groups] if isinstance(groups, str) else groups
        name = claims.get("preferred_username") or claims.get("email") or claims.get("name") or ""
        return Person(claims["sub"], name, frozenset(str(group) for group in listed))

    def logout_address(self, state: dict[str, Any], after: str) -> str:
        """Give the page that ends somebody's session at the provider as well; empty when it has none."""
        if not self.end_session_url:
            return ""
        words = {"client_id": self.client_id, "post_logout_redirect_uri": after}
        if id_token := state.get("token", {}).get("id_token"):
            words["id_token_hint"] = id_token
        return f"{self.end_session_url}?{urlencode(words)}"


class Google(OpenID):
    """Groups are the Workspace domain of the account; an address in the domain is not enough."""

    @default("issuer")
    def _issuer(self) -> str:
        return "https://accounts.google.com"

    @default("scope")
    def _scope(self) -> list[str]:
        return ["openid", "email", "profile"]

    @default("extra_authorize_params")
    def _offline(self) -> dict[str, str]:
        return {"access_type": "offline"}

    def person(self, claims: dict[str, Any]) -> Person:
        """Read the claims; an address that Google has not verified counts for nothing."""
        verified = claims.get("email_verified") is True
        domain = claims.get("hd") if verified else None
        return Person(claims["sub"], claims.get("email", ""), frozenset([domain] if domain else []))
