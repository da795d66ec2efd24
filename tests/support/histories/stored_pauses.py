"""What people decided about workflow runs, as it is stored: on the accounts and in documents.

Reads DynamoDB's own rows and no product code, as `books` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.support.histories.ledger_audit import document, text

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Name = tuple[str, str]


def terms(rows: Rows) -> dict[Name, tuple[bool, Decimal | None]]:
    """Of each run that was decided about: whether it is paused, and its own limit."""
    found = {}
    for row in rows["AccountsTable"]:
        said = text(row, "terms")
        if said is not None:
            tenant, _, flow, _ = row["pk"]["S"].split("#")
            pause, _, limit = said.partition("/")
            found[tenant, flow] = (pause != "0", Decimal(limit) if limit else None)
    return found


def runs(rows: Rows) -> dict[Name, dict[str, Any]]:
    """The documents of workflow runs, each with its `version` and whether it is `due`."""
    found = {}
    for row in rows["BudgetsTable"]:
        tenant, kind, *rest = row["pk"]["S"].split("#")
        if kind == "workflow":
            more = {"version": int(row["version"]["N"]), "due": "due_list" in row}
            found[tenant, rest[0]] = document(row, "body") | more
    return found


def changes(rows: Rows, tenant: str, flow: str) -> list[dict[str, Any]]:
    """The history of a run, the first change first."""
    prefix = f"{tenant}#change#workflow#{flow}#"
    found = {
        int(row["pk"]["S"].removeprefix(prefix)): document(row, "body")
        for row in rows["BudgetsTable"]
        if row["pk"]["S"].startswith(prefix)
    }
    return [found[version] for version in sorted(found)]


def histories(rows: Rows) -> dict[str, tuple[str, ...]]:
    """What was decided about every document, each named by its tenant, kind and own name.

    Those who waited may be told one after another: that is one telling here.
    """
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows["BudgetsTable"]:
        tenant, kind, *rest = row["pk"]["S"].split("#")
        if kind == "change":
            *name, version = rest
            operation = document(row, "body")["operation"]
            found["#".join((tenant, *name))][int(version)] = operation
    return {
        name: tuple(one[n] for n in sorted(one) if (one[n], one.get(n - 1)) != ("tell", "tell"))
        for name, one in found.items()
    }


def disagreements(rows: Rows) -> list[str]:
    """Where a run's document, account and history say different things; nothing if all is well."""
    found, said = [], terms(rows)
    for (tenant, flow), run in runs(rows).items():
        limit = run["limit_usd"]
        decided = (run["paused"], None if limit is None else Decimal(limit))
        if said.pop((tenant, flow), (False, None)) != decided:
            found.append(f"{tenant} {flow}: the document says {decided}, the account does not")
        if len(changes(rows, tenant, flow)) != run["version"]:
            found.append(f"{tenant} {flow}: version {run['version']} of other changes")
        if run["due"] != bool(run["waking"]):
            found.append(f"{tenant} {flow}: due {run['due']} with {len(run['waking'])} to be told")
    return found + [f"{name}: an account with terms and no document" for name in said]
