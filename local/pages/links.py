"""`make dashboard`: a link to the pages of the local stack, and the browser that opens it."""

from __future__ import annotations

from http import HTTPStatus

from local.api import Api, ApiError

MINUTES = 8 * 60
"""How long the pages can be seen. The link itself must be opened within 2 minutes."""


def link(api_url: str, tenant_id: str | None = None) -> str:
    """The address that signs a browser in: to all pages, or to those of one tenant.

    The token in it is exchanged for a cookie at once, and the browser goes on without it.
    """
    path = "/system" if tenant_id is None else f"/tenants/{tenant_id}"
    asked = {"by": "make dashboard", "reason": "a look at the local stack"}
    answer = Api(api_url).post(f"{path}/dashboard-link", {**asked, "valid_minutes": MINUTES})
    if answer.status != HTTPStatus.CREATED:
        raise ApiError(f"no link was made: {answer.status} {answer.body}")
    return f"{api_url}{answer.body['path']}"
