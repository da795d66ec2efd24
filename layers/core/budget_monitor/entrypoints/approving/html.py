"""Render the page: escaped, without scripts, and under a strict policy of the browser."""

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from budget_monitor.domain.money import render
from budget_monitor.domain.periods import render_instant

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - lean imports

    made = Environment(
        loader=PackageLoader("budget_monitor.entrypoints.approving"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"usd": render, "time": render_instant}
    return made


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    """The page's style, and the hash that the page's policy allows."""
    environment = _templates()
    assert environment.loader is not None  # noqa: S101 - it is made with one
    text = environment.loader.get_source(environment, "style.css")[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, f"'sha256-{digest}'"


def rendered(status: int, template: str, **values: Any) -> dict[str, Any]:
    """Return the response with this page."""
    style, digest = _style()
    policy = (
        f"default-src 'none'; style-src {digest}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex",
        "strict-transport-security": "max-age=31536000",
    }
    body = _templates().get_template(template).render(style=style, **values)
    return {"statusCode": int(status), "headers": headers, "body": body}
