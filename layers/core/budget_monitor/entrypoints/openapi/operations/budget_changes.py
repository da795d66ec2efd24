"""Changes of a budget that keep the rest of it: its fields, raises and grants."""

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.entrypoints.budgeting.budget_changes import MAX_PRIORITY
from budget_monitor.entrypoints.openapi import budgets, shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import any_of, read
from budget_monitor.entrypoints.openapi.operations.rules import WARNED_OF, WHY
from budget_monitor.entrypoints.openapi.schemas import SIGNER, TEXT, Schema, ref, shape

_BUDGET = (shared.TENANT, read("id", "budget_id", "The budget."))
_SAID = (*shared.BY_REASON, shared.KEY)
_EDITED = (shared.EXPECTED_VERSION, *_SAID)
_ERRORS = (NotFoundError, ConflictError, ForbiddenError)
_ACME_MONTH = {"tenant_id": "acme", "budget_id": "tenant-month"}
_SYSTEM_MONTH = {"budget_id": "system-month"}
_RAISE = {"raise_id": "raise-0001", **WHY}

SCHEMAS: dict[str, Schema] = {}

_OF_TENANT: dict[str, Declared] = {
    "update_budget": Declared(
        fields=(*_BUDGET, *budgets.CHANGES, *_EDITED),
        needs=(any_of(*(one.name for one in budgets.CHANGES)),),
        answer=WARNED_OF,
        errors=_ERRORS,
        example=Example({**_ACME_MONTH, "limit_usd": "1200", **WHY}),
    ),
    "delete_raise": Declared(
        fields=(
            *_BUDGET,
            read("id", "raise_id", "The raise."),
            read("instant", "until", "From when on the raise is gone; now unless given."),
            *_EDITED,
        ),
        answer=ref("Budget"),
        errors=_ERRORS,
        example=Example({**_ACME_MONTH, **_RAISE}, after=("raise_limit",)),
    ),
}

DECLARED: dict[str, Declared] = {
    **_OF_TENANT,
    "update_system_budget": of_system(
        _OF_TENANT["update_budget"], Example({**_SYSTEM_MONTH, "thresholds": [90, 100], **WHY})
    ),
    "delete_system_raise": of_system(
        _OF_TENANT["delete_raise"],
        Example({**_SYSTEM_MONTH, **_RAISE}, after=("raise_system_limit",)),
    ),
    "add_grant": Declared(
        fields=(
            *_BUDGET,
            read("caller_id", "grant_id", "Your name for the grant; else one is made."),
            read("amount", "amount_usd", "The prepaid USD."),
            read("instant", "expires_at", "When the rest of it expires; never unless given."),
            read(
                "count",
                "priority",
                "Grants with lower numbers are spent first; 0 unless given.",
                0,
                MAX_PRIORITY,
            ),
            *_SAID,
        ),
        answer=shape({**budgets.LEFT, "grant_id": TEXT, "principal": SIGNER}, budgets.LEFT_COUNTED),
        creates=True,
        errors=_ERRORS,
        example=Example(
            {
                "tenant_id": "acme",
                "budget_id": "prepaid",
                "grant_id": "grant-0001",
                "amount_usd": "200",
                "expires_at": "2029-12-31T23:00:00Z",
                "by": "maria",
                "reason": "Invoice 4711 is paid",
            },
            after=("set_prepaid",),
        ),
    ),
}
