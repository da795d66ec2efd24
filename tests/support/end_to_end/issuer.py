"""An issuer of tokens on this machine's loopback: its key set, and tokens that it signs."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE = "budget-monitor"
_KID = "key-1"


class Issuer:
    """Signs tokens with RS256 and serves the key that proves them."""

    def __enter__(self) -> Self:
        """Make a key and start serving."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answers(self._documents))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, **claims: Any) -> str:
        """A token with these claims; those that every token has, unless given otherwise."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "maria", "iat": now, "exp": now + 600}
        return self.signed(usual | claims)

    def signed(self, claims: dict[str, Any]) -> str:
        """A token with exactly these claims."""
        head = {"alg": "RS256", "typ": "JWT", "kid": _KID}
        said = ".".join(_encoded(json.dumps(one).encode()) for one in (head, claims))
        signature = self._key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{said}.{_encoded(signature)}"

    def _documents(self) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "kid": _KID, "alg": "RS256", "use": "sig"}
        key |= {"n": _number(numbers.n), "e": _number(numbers.e)}
        keys = f"{self.url}/keys.json"
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": keys},
            "/keys.json": {"keys": [key]},
        }


def _answers(documents: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = documents().get(self.path)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            """Write nothing to stderr."""

    return Handler


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
