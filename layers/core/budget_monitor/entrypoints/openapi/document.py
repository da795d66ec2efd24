"""The OpenAPI 3.1 document: every operation of every function, with what it declares."""

import functools
from collections.abc import Iterator
from typing import Any

from budget_monitor.domain import errors
from budget_monitor.domain.errors import BudgetMonitorError
from budget_monitor.entrypoints import alerting, checking, expiring, forwarding, resetting
from budget_monitor.entrypoints.budgeting import operations as budgeting
from budget_monitor.entrypoints.dashboard import links
from budget_monitor.entrypoints.door.operations import DIRECT, Operation
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared
from budget_monitor.entrypoints.openapi.operations import (
    accounting,
    alerts,
    approvals,
    budget_changes,
    costs,
    holds,
    months,
    price_names,
    prices,
    quotes,
    reports,
    rules,
    tenants,
    workflows,
)
from budget_monitor.entrypoints.openapi.paths import direct_object, error_responses, path_object
from budget_monitor.entrypoints.openapi.schemas import TEXT, VALUES, nullable, shape, words
from budget_monitor.entrypoints.reporting import operations as reporting
from budget_monitor.entrypoints.tracking import operations as tracking

VERSION = "0.1.0"

FUNCTIONS: dict[str, tuple[Operation[Any], ...]] = {
    "checking": checking.OPERATIONS,
    "tracking": tracking.OPERATIONS,
    "reporting": reporting.OPERATIONS,
    "budgeting": budgeting.OPERATIONS,
    "alerting": alerting.OPERATIONS,
    "forwarding": forwarding.OPERATIONS,
    "resetting": resetting.OPERATIONS,
    "expiring": expiring.OPERATIONS,
    "dashboard": links.OPERATIONS,
}
CAPABILITIES = {
    "holds": holds,
    "costs": costs,
    "rules": rules,
    "budget_changes": budget_changes,
    "tenants": tenants,
    "prices": prices,
    "price_names": price_names,
    "quotes": quotes,
    "workflows": workflows,
    "approvals": approvals,
    "alerts": alerts,
    "months": months,
    "reports": reports,
    "accounting": accounting,
}

_DESCRIPTION = """\
Answers whether an AI agent's run may spend, holds the money, records true costs exactly once, \
and reports them.

- IAM authorises every request (Signature Version 4, service `execute-api`). API Gateway refuses \
others with a 403 and a body of its own. Every other error has one shape, also for \
unknown paths (404) and methods (405, with `Allow`).
- A refusal by a budget is a normal answer with `allowed: false`, not an error.
- A field that is null counts as left out, unless the field says what null means.
- A field that an operation does not know is a 400.
- A GET takes its fields in the query, other methods in a JSON body of at most 256 KB. A DELETE \
takes them in either, and `by` and `reason` also in headers of these names.
- Every operation can also be invoked directly: send the fields and `operation` at the top level \
of the event to the function named in `x-function`. The answer is the body. An error is raised \
under its name in CamelCase, for example `ValidationError`.
"""


def declared() -> dict[str, tuple[str, Declared]]:
    """The capability and the declaration of every operation, by the operation's name."""
    return {
        name: (capability, said)
        for capability, module in CAPABILITIES.items()
        for name, said in module.DECLARED.items()
    }


@functools.cache
def document() -> dict[str, Any]:
    """The whole document. It never changes, so it is built once."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Budget Monitor",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"sigv4": []}],
        "tags": [
            {"name": name, "description": module.__doc__} for name, module in CAPABILITIES.items()
        ],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "responses": error_responses(_every()),
            "securitySchemes": {"sigv4": _SIGV4},
        },
        "x-direct-operations": _direct_operations(),
    }


_SIGV4 = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "AWS Signature Version 4.",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def _paths() -> dict[str, Any]:
    said, paths = declared(), dict[str, Any]()
    for function, operations in FUNCTIONS.items():
        for one in operations:
            if one.method != DIRECT:
                made = path_object(function, one, *said[one.name])
                paths.setdefault(one.path, {})[one.method.lower()] = made
    return paths


def _every() -> Iterator[tuple[str, Declared]]:
    """The function and the declaration of every operation with a route."""
    said = declared()
    for function, operations in FUNCTIONS.items():
        for one in operations:
            if one.method != DIRECT:
                yield function, said[one.name][1]


def _direct_operations() -> dict[str, Any]:
    said = declared()
    return {
        one.name: direct_object(function, one, *said[one.name])
        for function, operations in FUNCTIONS.items()
        for one in operations
        if one.method == DIRECT
    }


def _schemas() -> dict[str, Any]:
    own = [module.SCHEMAS for module in CAPABILITIES.values()]
    groups = ({"Error": _error()}, VALUES, shared.SCHEMAS, *own)
    return {name: schema for group in groups for name, schema in group.items()}


def _error() -> dict[str, Any]:
    known = [
        one.code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, BudgetMonitorError)
    ]
    return dict(
        shape(
            {
                "error": words([code for code in known if code != BudgetMonitorError.code]),
                "message": TEXT,
                "field": nullable(TEXT),
                "request_id": TEXT,
            }
        )
    )
