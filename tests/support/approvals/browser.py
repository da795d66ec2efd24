"""A browser of tests: opens signed links, follows no script, and sends forms."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.alerts.tenants import sent as alerts_sent
from tests.support.approvals.asking import ask
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, handler_of
from tests.support.doors.http_events import http_event
from tests.support.doors.routes import Route
from tests.support.memory.watch import Watch

GET = Route("approving", "GET", "/approvals")
POST = Route("approving", "POST", "/approvals")


class Page(HTMLParser):
    """One page: its status, headers, text and the fields of its form."""

    def __init__(self, response: dict[str, Any]) -> None:
        super().__init__()
        self.status, self.headers = response["statusCode"], response["headers"]
        self.html: str = response["body"]
        self.tags = list[str]()
        self.attributes = set[str]()
        self.fields = dict[str, str]()
        self.buttons = list[str]()
        self._texts = list[str]()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, its attributes and, of a form, its fields."""
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes |= found.keys()
        if tag == "input":
            self.fields[str(found["name"])] = found.get("value") or ""
        if tag == "button":
            self.buttons.append(str(found["value"]))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self._texts.append(data)

    @property
    def text(self) -> str:
        """Return what people read, with single blanks."""
        return " ".join("".join(self._texts).split())


def token_of(link: str) -> str:
    """Return the token of a link."""
    (token,) = parse_qs(urlsplit(link).query)["token"]
    return token


def opened(token: str) -> Page:
    """Follow a link."""
    event = http_event(GET, {}, query={"token": token})
    return Page(handler_of("approving")(_unsigned(event), Context()))


def sent(token: str, *, encoded: bool = False, **fields: str) -> Page:
    """Send the page's form, as API Gateway hands it on: plain, or in base64."""
    body = urlencode({"token": token, **fields})
    event = http_event(POST, {}, body=base64.b64encode(body.encode()).decode() if encoded else body)
    event["isBase64Encoded"] = encoded
    return Page(handler_of("approving")(_unsigned(event), Context()))


def _unsigned(event: dict[str, Any]) -> dict[str, Any]:
    """The event of a route that everybody may call."""
    event["requestContext"].pop("authorizer", None)
    return event


def linked(watch: Watch, tenant: Tenant, amount: str = "5", **fields: Any) -> str:
    """Ask for more of `cap`; return the token of the link in the request's alert."""
    ask(tenant, amount, request_id="ask-1", **{"budget_id": "cap"} | fields)
    return newest(watch)


def newest(watch: Watch) -> str:
    """Send what waits; return the token of the latest alert's link."""
    link = alerts_sent(watch)[-1]["link"]
    assert link.startswith("https://budgets.example.com/approvals?token=")
    return token_of(link)
