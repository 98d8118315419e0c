"""One server that answers as six services and a learning platform do, by their public documents.

What it cannot show: consent pages, limits of requests, real lifetimes of tokens, and whether the documents
are right.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
IN_COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
CLIENT, SECRET = "lectern", "services-secret-of-some-length-for-hmac"
DEPLOYMENT = "deployment-1"

#: Service → path where people agree, path where codes become tokens.
OAUTH2 = {
    "github": ("/login/oauth/authorize", "/login/oauth/access_token"),
    "gitlab": ("/oauth/authorize", "/oauth/token"),
    "bitbucket": ("/site/oauth2/authorize", "/site/oauth2/access_token"),
    "google": ("/auth", "/token"),
    "openshift": ("/oauth/authorize", "/oauth/token"),
}


class _OneConsumer(RequestValidator):
    """What oauthlib asks to check MediaWiki's OAuth 1.0a signatures."""

    enforce_ssl = False
    client_key_length = (3, 30)
    nonce_length = (10, 40)

    def __init__(self, keys):
        super().__init__()
        self.keys = keys

    def validate_client_key(self, client_key, request):
        return client_key == CLIENT

    def validate_timestamp_and_nonce(self, *args, **kwargs):
        return True

    def get_client_secret(self, client_key, request):
        return SECRET

    def get_request_token_secret(self, client_key, token, request):
        return self.keys.get(token, "")

    def get_access_token_secret(self, client_key, token, request):
        return self.keys.get(token, "")


class Services:
    """The server, who sits before the browser (`person`), and how well it is (`mood`)."""

    def __init__(self):
        self.people = {}  # login → {"id": …, "groups": […]}
        self.person = ""
        self.mood = "well"  # well, ill (503), silent, garbled
        self.expires_in = None
        self.skew_s = 0  # of the platform's clock
        self.launch = {}  # claims that differ from a right launch
        self.codes = {}  # code → (service, login, PKCE challenge)
        self.tokens = {}  # token → login
        self.token_secrets = {}  # of OAuth 1.0a
        self.asked = []  # paths
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.forged_key, self.kid = None, "1"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"peer": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self):
        self.people = {
            "ada": {"id": 1, "groups": ["uni", "uni/staff"]},
            "bob": {"id": 2, "groups": ["elsewhere"]},
        }
        self.mood, self.person, self.expires_in, self.skew_s, self.launch = "well", "ada", None, 0, {}
        self.forged_key, self.kid = None, "1"
        self.asked.clear()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def me(self, token):
        login = self.tokens.get(token)
        return (login, self.people[login]) if login in self.people else (None, None)


class _Handler(BaseHTTPRequestHandler):
    peer: Services

    def log_message(self, *args):
        pass

    def do_GET(self):
        self._answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._answer(dict(parse_qsl(body)))

    def _answer(self, form):
        parts = urlsplit(self.path)
        service, _, rest = parts.path.strip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.peer.asked.append(parts.path)
        if self.peer.mood == "silent":
            time.sleep(15)
            return
        if self.peer.mood == "ill":
            self._send(503, {"message": "maintenance"})
            return
        if self.peer.mood == "garbled":
            self._send_text(200, "<html>please pay for the wireless network</html>")
            return
        if service in OAUTH2 and f"/{rest}" in OAUTH2[service]:
            self._oauth2(service, f"/{rest}", query, form)
        elif service in OAUTH2:
            self._interface(service, f"/{rest}", query)
        elif service == "wiki":
            self._wiki(query)
        elif service == "lti":
            self._lti(rest, query)
        else:
            self._send(404, {})

    # --- OAuth 2.0 -----------------------------------------------------------------------------------

    def _oauth2(self, service, path, query, form):
        peer = self.peer
        if path == OAUTH2[service][0]:
            code = secrets.token_hex(8)
            peer.codes[code] = (service, peer.person, query.get("code_challenge"))
            back = {"code": code, "state": query["state"]}
            self._redirect(f"{query['redirect_uri']}?{urlencode(back)}")
            return
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            self._send(401, {"error": "invalid_client"})
            return
        kept, login, challenge = peer.codes.pop(form.get("code"), (None, None, None))
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if kept != service or challenge != proof.decode().rstrip("="):
            # GitHub says so with status 200; the others with 400.
            told = {"error": "bad_verification_code", "error_description": "The code is wrong or expired."}
            self._send(200 if service == "github" else 400, told)
            return
        token = f"{service}-{secrets.token_hex(8)}"
        peer.tokens[token] = login
        answer = {"access_token": token, "token_type": "bearer", "scope": "a,b"}
        if peer.expires_in is not None:
            answer["expires_in"] = peer.expires_in
        if service == "google":
            answer["id_token"] = self._google_id_token(login)
        self._send(200, answer)

    def _google_id_token(self, login):
        now = time.time() + self.peer.skew_s
        claims = {"iss": f"{self.peer.url}/google", "aud": CLIENT, "iat": now, "exp": now + 300}
        return jwt.encode(claims | self._google(login), "x" * 32, algorithm="HS256")

    def _google(self, login):
        groups = self.peer.people[login]["groups"]
        claims = {"sub": str(self.peer.people[login]["id"]), "email": f"{login}@{groups[0]}"}
        return claims | {"hd": groups[0], "email_verified": self.peer.people[login].get("is_verified", True)}

    def _interface(self, service, path, query):
        base = f"{self.peer.url}/{service}"
        if path == "/.well-known/openid-configuration":
            known = {
                "authorization_endpoint": "/auth",
                "token_endpoint": "/token",
                "userinfo_endpoint": "/me",
            }
            self._send(200, {"issuer": base} | {name: base + where for name, where in known.items()})
            return
        if path == "/.well-known/oauth-authorization-server":
            where = {
                "authorization_endpoint": f"{base}/oauth/authorize",
                "token_endpoint": f"{base}/oauth/token",
            }
            self._send(200, {"issuer": base} | where)
            return
        login, person = self.peer.me(self.headers.get("Authorization", "").partition(" ")[2])
        if login is None:
            self._send(401, {"message": "Bad credentials"})
            return
        uid, groups = person["id"], person["groups"]
        page = int(query.get("page", 1))
        match service, path:
            case "github", "/api/v3/user":
                self._send(200, {"id": uid, "login": login, "email": None})
            case "github", "/api/v3/user/orgs":
                self._send(200, [{"login": group} for group in groups if "/" not in group])
            case "github", "/api/v3/user/teams":
                # One a page, so that the next page must be asked for.
                teams = [group.split("/") for group in groups if "/" in group]
                link = f'<{base}{path}?page={page + 1}>; rel="next"' if page < len(teams) else ""
                listed = [{"organization": {"login": org}, "slug": slug} for org, slug in teams]
                self._send(200, listed[page - 1 : page], {"Link": link} if link else {})
            case "gitlab", "/api/v4/user":
                self._send(200, {"id": uid, "username": login})
            case "gitlab", "/api/v4/groups":
                link = f'<{base}{path}?page={page + 1}>; rel="next"' if page < len(groups) else ""
                listed = [{"full_path": group} for group in groups]
                self._send(200, listed[page - 1 : page], {"Link": link} if link else {})
            case "bitbucket", "/2.0/user":
                self._send(200, {"uuid": f"{{{uid}}}", "username": login, "display_name": "Ada"})
            case "bitbucket", "/2.0/user/workspaces":
                more = {"next": f"{base}{path}?page={page + 1}"} if page < len(groups) else {}
                listed = [{"workspace": {"slug": group}} for group in groups]
                self._send(200, {"values": listed[page - 1 : page]} | more)
            case "google", "/me":
                self._send(200, self._google(login))
            case "openshift", "/apis/user.openshift.io/v1/users/~":
                self._send(200, {"metadata": {"name": login, "uid": f"uid-{uid}"}, "groups": groups})
            case _:
                self._send(404, {"message": "Not Found"})

    # --- MediaWiki's OAuth 1.0a ------------------------------------------------------------------------

    def _wiki(self, query):
        peer = self.peer
        page = query.get("title", "").partition("/")[2]
        if page == "authenticate":
            back = {"oauth_verifier": "verified", "oauth_token": query["oauth_token"]}
            peer.tokens[query["oauth_token"]] = peer.person
            self._redirect(f"{peer.wiki_callback}?{urlencode(back)}")
            return
        checked, request = SignatureOnlyEndpoint(_OneConsumer(peer.token_secrets)).validate_request(
            peer.url + self.path, self.command, "", dict(self.headers)
        )
        if not checked:
            self._send(200, {"error": "mwoauth-oauth-exception", "message": "Invalid signature"})
            return
        asked = dict(request.oauth_params)
        if page in ("initiate", "token"):
            login = peer.tokens.get(asked.get("oauth_token"))
            if page == "token" and (asked.get("oauth_verifier") != "verified" or not login):
                self._send_text(200, "Error: the verifier does not fit")
                return
            key, secret = secrets.token_hex(8), secrets.token_hex(8)
            peer.token_secrets[key] = secret
            if login:
                peer.tokens[key] = login
            self._send_text(200, urlencode({"oauth_token": key, "oauth_token_secret": secret}))
            return
        login, person = peer.me(asked.get("oauth_token"))
        if login is None:
            self._send(200, {"error": "mwoauth-invalid-authorization", "message": "not authorised"})
            return
        now = time.time() + peer.skew_s
        claims = {"sub": person["id"], "iss": peer.url, "aud": CLIENT, "iat": now, "exp": now + 100}
        claims |= {"username": login.capitalize(), "groups": person["groups"], "nonce": asked["oauth_nonce"]}
        self._send_text(200, jwt.encode(claims, SECRET, algorithm="HS256"))

    # --- LTI 1.3 platform ------------------------------------------------------------------------------

    def _lti(self, path, query):
        peer = self.peer
        if path == "keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(peer.key.public_key()))
            self._send(200, {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]})
            return
        now = time.time() + peer.skew_s
        person = peer.people[peer.person]
        claims = {
            "iss": f"{peer.url}/lti", "aud": CLIENT, "sub": f"user-{person['id']}",
            "iat": int(now), "exp": int(now) + 300, "nonce": query["nonce"],
            f"{CLAIM}message_type": "LtiResourceLinkRequest", f"{CLAIM}version": "1.3.0",
            f"{CLAIM}deployment_id": DEPLOYMENT, f"{CLAIM}target_link_uri": "http://hub/",
            f"{CLAIM}resource_link": {"id": "7"}, f"{CLAIM}context": {"id": "1", "label": "DL101"},
            f"{CLAIM}roles": [f"{IN_COURSE}{'Instructor' if 'uni/staff' in person['groups'] else 'Learner'}"],
            "email": f"{peer.person}@uni.example",
        }  # fmt: skip
        signed = jwt.encode(
            claims | peer.launch, peer.forged_key or peer.key, algorithm="RS256", headers={"kid": peer.kid}
        )
        # A platform answers with a form that posts itself; the test's browser reads these two.
        self._send(200, {"post": query["redirect_uri"], "id_token": signed, "state": query["state"]})

    # --- answers ---------------------------------------------------------------------------------------

    def _redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status, value, headers=None):
        self._send_text(status, json.dumps(value), headers)

    def _send_text(self, status, text, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
