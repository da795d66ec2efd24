"""The page behind a signed link: it shows one request for more limit, and takes the answer."""

from typing import Any

from budget_monitor.bootstrap_links import approving
from budget_monitor.entrypoints.approving import page
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request of a browser."""
    return page.as_html(answer(page.PAGES, approving, page.as_json(event), context))
