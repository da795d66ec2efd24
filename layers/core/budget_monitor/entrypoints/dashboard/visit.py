"""What a browser sends with the path and the query: its cookies and the address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any


@dataclass(frozen=True, slots=True)
class Visit:
    """The cookies of a request, and the address of the API as its caller knows it."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None
    """Scheme, host and the path before the routes; None in a direct invocation."""


def visit_of(event: object) -> Visit:
    """Return the visit of an HTTP event; an empty one of a direct invocation."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(context, dict):
        return Visit()
    return Visit(_cookies(event), _address(event, context))


def _cookies(event: Mapping[str, Any]) -> dict[str, str]:
    """Cookies of payload format 2.0: a list of `name=value`, or the header of that name."""
    listed, headers = event.get("cookies"), event.get("headers")
    texts = listed if isinstance(listed, list) else []
    if not texts and isinstance(headers, dict):
        texts = [headers.get("cookie", headers.get("Cookie", ""))]
    found = dict[str, str]()
    for text in texts:
        try:
            read = SimpleCookie(str(text))
        except CookieError:  # another cookie of this host, which is no concern of ours
            continue
        found |= {name: one.value for name, one in read.items()}
    return found


def _address(event: Mapping[str, Any], context: Mapping[str, Any]) -> str | None:
    host, path = context.get("domainName"), str(event.get("rawPath") or "")
    if not isinstance(host, str) or not host:
        return None
    starts = [path.find(one) for one in ("/tenants/", "/system/", "/dashboard")]
    before = min((one for one in starts if one >= 0), default=0)
    return f"https://{host}{path[:before]}"
