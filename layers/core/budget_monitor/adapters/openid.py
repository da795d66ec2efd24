"""An OpenID Connect provider: where people sign in, and their claims."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from budget_monitor.domain.errors import ForbiddenError, UnavailableError

CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0
LEEWAY_SECONDS = 60
"""Maximum difference between the clocks of the provider and of this function."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Accepted signature algorithms: only those with a key pair."""
_CLAIMS = ("exp", "iat", "iss", "aud", "sub")
_OK = 200


class OpenIdProvider:
    """Signs people in by an authorization code with PKCE. No client secret is needed.

    The provider's description and keys are read once, and its keys again for an unknown one.
    """

    def __init__(self, issuer: str, client_id: str) -> None:
        self._issuer = issuer
        self._client_id = client_id

    def sign_in_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return the address where a person signs in. Raises UnavailableError."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        where = str(self._described["authorization_endpoint"])
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def claims(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Exchange a code for the claims of a verified ID token.

        Raises ForbiddenError if the provider refuses the code or the token is not valid here, and
        UnavailableError if the provider does not answer.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        answer = self._asked("POST", str(self._described["token_endpoint"]), form)
        claims = self._verified(str(answer.get("id_token", "")))
        if claims.get("nonce") != nonce:
            raise ForbiddenError("the sign-in cannot be verified; try again")
        return claims

    def _verified(self, token: str) -> Mapping[str, Any]:
        import jwt  # noqa: PLC0415 - only people who sign in need it

        try:
            key = self._key_of(jwt.get_unverified_header(token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._client_id,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": [*_CLAIMS]},
            )
        except jwt.PyJWTError as fault:
            raise ForbiddenError("the sign-in cannot be verified; try again") from fault
        if claims.get("azp", self._client_id) != self._client_id:
            raise ForbiddenError("the sign-in cannot be verified; try again")
        return claims

    def _key_of(self, key_id: str | None) -> Any:  # noqa: ANN401 - the library's own
        """Return the key of this id; read the keys again if it is new."""
        found = self._keys.get(key_id)
        if found is None:
            del self._keys
            found = self._keys.get(key_id)
        if found is None:
            raise ForbiddenError("the sign-in cannot be verified; try again")
        return found

    @cached_property
    def _keys(self) -> dict[str | None, Any]:
        import jwt  # noqa: PLC0415 - as above

        answer = self._asked("GET", str(self._described["jwks_uri"]))
        try:
            return {one.key_id: one for one in jwt.PyJWKSet.from_dict(dict(answer)).keys}
        except jwt.PyJWTError as fault:
            raise UnavailableError("the sign-in provider's keys cannot be read now") from fault

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._asked("GET", where)
        wanted = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
        if found.get("issuer") != self._issuer or not wanted <= found.keys():
            raise UnavailableError("the sign-in provider describes itself as another one")
        return found

    def _asked(
        self, method: str, url: str, form: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Return the provider's JSON answer. Raises ForbiddenError for a refused code."""
        import urllib3  # noqa: PLC0415 - as above

        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        try:
            answer = self._pool.request(
                method,
                url,
                body=urlencode(form) if form else None,
                headers={"content-type": "application/x-www-form-urlencoded"} if form else None,
                timeout=timeout,
                redirect=False,
            )
            found = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as fault:
            raise UnavailableError("the sign-in provider does not answer now") from fault
        if form is not None and _OK < answer.status < 500:  # noqa: PLR2004 - the server's errors
            raise ForbiddenError("the sign-in has expired; try again")
        if answer.status != _OK or not isinstance(found, dict):
            raise UnavailableError("the sign-in provider does not answer now")
        return found

    @cached_property
    def _pool(self) -> Any:  # noqa: ANN401 - urllib3's own
        import urllib3  # noqa: PLC0415 - as above

        return urllib3.PoolManager(retries=False)
