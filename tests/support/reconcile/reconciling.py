"""Reconciling in tests: the operation, drift written directly to the tables, stored data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from functions.tracking import app as tracking
from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import COUNTS, MONEY, stored
from tests.support.memory.fixture import MemoryCloud

REBUILD: dict[str, Any] = {"rebuild": True, "by": "maria", "reason": "the schedule found it"}


def reconcile(**fields: Any) -> dict[str, Any]:
    """Return the answer of `reconcile`."""
    answer: dict[str, Any] = tracking.lambda_handler({"operation": "reconcile", **fields}, None)
    return answer


def counters(cloud: MemoryCloud) -> dict[str, dict[str, Decimal]]:
    """Return the stored counters of every account."""
    books = stored(cloud.rows()["AccountsTable"])
    return {
        account: {name: totals[name] for name in MONEY + COUNTS}
        for account, totals in books.items()
    }


def drift(cloud: MemoryCloud, key: str, **by: str) -> None:
    """Change counters of an account directly in the table."""
    cloud.database.execute(
        "UpdateItem",
        {
            "TableName": cloud.tables["AccountsTable"],
            "Key": {"pk": {"S": key}},
            "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in by),
            "ExpressionAttributeNames": {f"#{name}": name for name in by},
            "ExpressionAttributeValues": {f":{name}": {"N": one} for name, one in by.items()},
        },
    )


def month_key(tenant: Tenant, month: str = "2026-11") -> str:
    """Return the key of the tenant's month."""
    return f"{tenant.id}#tenant#{tenant.id}#{month}"


def spent_of(cloud: MemoryCloud, key: str) -> str:
    """Return the spend of an account."""
    return str(counters(cloud)[key]["spent"].normalize())
