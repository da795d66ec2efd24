"""A browser without a screen: it keeps cookies, follows redirects, and reads the page."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from budget_monitor.entrypoints.dashboard.pages import PAGES
from budget_monitor.entrypoints.door.http import methods_of
from functions.dashboard import app
from tests.support.builders import Tenant
from tests.support.doors.doors import Context
from tests.support.doors.http_events import ENVELOPE

SCRIPTS = ("script", "iframe", "object", "embed", "img", "link")


class _Parts(HTMLParser):
    """What a parser finds: every tag with its attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.words = list[tuple[str, dict[str, str | None]]](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@dataclass(frozen=True)
class Page:
    """An answer as the browser has it."""

    path: str
    status: int
    headers: dict[str, str]
    html: str

    @property
    def tags(self) -> list[tuple[str, dict[str, str | None]]]:
        """Every tag with its attributes."""
        return self._parts.tags

    @property
    def text(self) -> str:
        """What is to be read, with single spaces."""
        _, _, body = self.html.partition("</head>")
        parts = _Parts()
        parts.feed(body)
        return " ".join(" ".join(parts.words).split())

    @property
    def links(self) -> list[str]:
        """The paths that its links lead to."""
        found = [one["href"] or "" for tag, one in self.tags if tag == "a" and one.get("href")]
        return [resolved(self.path, one) for one in found if not one.startswith("#")]

    @property
    def _parts(self) -> _Parts:
        parts = _Parts()
        parts.feed(self.html)
        return parts


def resolved(path: str, link: str) -> str:
    """The path that a link of a page leads to."""
    where, _, query = link.partition("?")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), where))
    return f"{found}?{query}" if query else found


@dataclass
class Browser:
    """A browser with cookies of its own."""

    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, url: str) -> Page:
        """Open a path with its query, and go where it is sent."""
        for _ in range(5):
            page = self.get(url)
            if "location" not in page.headers:
                return page
            url = resolved(page.path, page.headers["location"])
        raise AssertionError(f"{url} never arrives")

    def get(self, url: str) -> Page:
        """One request."""
        parts = urlsplit(url)
        answer = app.lambda_handler(self._event(parts.path, parts.query), Context())
        json.dumps(answer, allow_nan=False)
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        for name, one in SimpleCookie(headers.get("set-cookie", "")).items():
            self.cookies[name] = one.value
        return Page(parts.path, answer["statusCode"], headers, answer["body"])

    def sign_in(self, tenant_id: str | None = None, **fields: Any) -> Page:
        """Make a link, of the system unless a tenant is named, and open it."""
        made = link(tenant_id, **fields)
        return self.open(made["path"])

    def _event(self, path: str, query: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(ENVELOPE)
        del event["routeKey"], event["requestContext"]["routeKey"]
        event["requestContext"]["http"] |= {"method": "GET", "path": path}
        event |= {"rawPath": unquote(path), "rawQueryString": query}
        if query:
            event["queryStringParameters"] = dict(parse_qsl(query))
        event["cookies"] = [f"{name}={value}" for name, value in self.cookies.items()]
        return event


def link(tenant_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """What `dashboard_link` answers, or `system_dashboard_link` without a tenant."""
    asked = {"by": "maria", "reason": "a look at the month", **fields}
    if tenant_id is None:
        return app.lambda_handler({"operation": "system_dashboard_link", **asked}, Context())
    named = {"operation": "dashboard_link", "tenant_id": tenant_id}
    return app.lambda_handler({**named, **asked}, Context())


def home_of(tenant: Tenant) -> str:
    """The path of the tenant's page."""
    return f"/dashboard/tenants/{tenant.id}"


def is_route(path: str) -> bool:
    """Whether a path is that of a page."""
    return bool(methods_of(urlsplit(path).path, {one.path: [one.method] for one in PAGES}))


@contextmanager
def must_be_harmless(page: Page) -> Iterator[None]:
    """Fail if the page has anything that runs or loads."""
    for tag, attributes in page.tags:
        assert tag not in {"script", "iframe", "object", "embed", "img", "form"}, tag
        assert not [one for one in attributes if one.startswith("on") or one == "style"], attributes
        for name in ("href", "src"):
            assert not (attributes.get(name) or "").lower().startswith("javascript:")
    yield
