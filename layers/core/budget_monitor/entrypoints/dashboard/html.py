"""Turn what a page shows into HTML: escaped, without scripts, under a strict policy."""

import base64
import functools
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from budget_monitor.entrypoints.dashboard import figures
from budget_monitor.entrypoints.door.operations import Answer

TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def environment() -> Environment:
    """The templates. Every value is escaped unless it is markup of our own."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["stylesheet"] = stylesheet()
    made.filters |= {
        "usd": figures.usd,
        "count": figures.count,
        "words": lambda text: str(text).replace("_", " "),
    }
    made.globals["amount_of"] = figures.amount_of
    return made


@functools.cache
def stylesheet() -> Markup:
    """The stylesheet. The policy names its hash, so that no other style is applied."""
    return Markup((TEMPLATES / "style.css").read_text())  # noqa: S704 - our own file


@functools.cache
def policy() -> str:
    """The Content-Security-Policy: nothing is loaded, and only our stylesheet is applied."""
    digest = hashlib.sha256(str(stylesheet()).encode()).digest()
    allowed = base64.b64encode(digest).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def page(template: str, shown: Mapping[str, Any], status: int = HTTPStatus.OK) -> Answer:
    """Return the page. `shown` has `home`, the way back to `/dashboard`, and `zone`."""
    zone = shown["zone"]
    text = (
        environment()
        .get_template(template)
        .render({"when": lambda at: figures.moment(at, zone), **shown})
    )
    return Answer({}, int(status), headers(), text)


def headers() -> dict[str, str]:
    """The headers of every page."""
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy(),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
    }


def redirect(location: str, cookie: str | None = None) -> Answer:
    """Send the browser to another page, with a cookie if one is given."""
    moved = {**headers(), "location": location}
    if cookie is not None:
        moved["set-cookie"] = cookie
    return Answer({}, int(HTTPStatus.SEE_OTHER), moved, "")
