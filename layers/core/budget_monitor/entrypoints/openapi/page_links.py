"""Pages for people: links that open them. The pages themselves are HTML."""

from budget_monitor.entrypoints.dashboard.links import (
    DEFAULT_MINUTES,
    MAX_MINUTES,
    MAX_SYSTEM_MINUTES,
)
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import Field, read
from budget_monitor.entrypoints.openapi.schemas import TEXT, TIME, Schema, nullable, ref, shape

SCHEMAS: dict[str, Schema] = {
    "PageLink": {
        **shape(
            {
                "tenant_id": nullable(TEXT),
                "path": TEXT,
                "url": nullable(TEXT),
                "open_until": TIME,
                "expires_at": TIME,
            }
        ),
        "description": (
            "A read-only link. Open it before `open_until`; the browser then sees the pages until "
            "`expires_at`. `url` is null in a direct invocation of a stack without `DashboardUrl`: "
            "put the address of the API before `path`."
        ),
    }
}


def _fields(most: int) -> tuple[Field, ...]:
    words = f"How long the pages can be seen; {DEFAULT_MINUTES} unless given."
    return (*shared.BY_REASON, read("count", "valid_minutes", words, 1, most))


_WHY = {"by": "maria", "reason": "acme asked to see its spend", "valid_minutes": 120}

DECLARED: dict[str, Declared] = {
    "dashboard_link": Declared(
        fields=(shared.TENANT, *_fields(MAX_MINUTES)),
        answer=ref("PageLink"),
        example=Example({"tenant_id": "acme", **_WHY}),
        creates=True,
    ),
    "system_dashboard_link": Declared(
        fields=_fields(MAX_SYSTEM_MINUTES),
        answer=ref("PageLink"),
        example=Example(_WHY),
        creates=True,
    ),
}
