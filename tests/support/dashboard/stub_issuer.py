"""An OpenID Connect provider on loopback: it signs in whom a test says, and checks PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "budget-pages"


class Issuer:
    """The provider's state: its key, the codes that it gave, and what the next token says."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id, self.url, self.algorithm = "key-1", "", "RS256"
        self.claims: dict[str, Any] = {"sub": "ann", "email": "ann@acme.example"}
        self.overrides: dict[str, Any] = {}
        """Claims of the token in place of the right ones."""
        self.signer: Any = None
        """Signs in place of the key, where it is given."""
        self.codes: dict[str, dict[str, str]] = {}
        self.asked = list[str]()
        self.down = False

    def sign_in(self, url: str) -> str:
        """What a person does at the provider: the query with which the browser comes back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a code: a signed token, or an error of the standard."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        if asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        said = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300}
        body = {**said, "nonce": asked["nonce"], **self.claims, **self.overrides}
        body = {name: value for name, value in body.items() if value is not None}
        signed = jwt.encode(
            body, self.signer or self.key, self.algorithm, headers={"kid": self.key_id}
        )
        return 200, {"id_token": signed, "access_token": "unused", "token_type": "Bearer"}

    def keys(self) -> dict[str, Any]:
        """The published keys."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.key_id, "alg": "RS256", "use": "sig"}]}

    def described(self) -> dict[str, Any]:
        """What the provider says about itself."""
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
        }
        return {"issuer": self.url, **{name: f"{self.url}/{at}" for name, at in names.items()}}

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a request."""
        self.asked.append(path)
        if self.down:
            return 503, {"error": "temporarily_unavailable"}
        if path == "/token":
            return self.token(form)
        return 200, self.keys() if path == "/keys" else self.described()


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """A provider that answers on loopback."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer({name: one[0] for name, one in parse_qs(text).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, body = issuer.answer(self.path, form)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
