"""The page docs/reference/roles.md: `python -m tests.support.docs.roles_page` writes it."""

from __future__ import annotations

from budget_monitor.domain.roles import OPERATIONS_OF, ROLES
from budget_monitor.entrypoints.door.operations import DIRECT
from budget_monitor.entrypoints.openapi.document import FUNCTIONS
from tests.support.docs.pages import DOCS

PAGE = DOCS / "reference" / "roles.md"
HEAD = """# Roles

Which operations each role may ask for. `make reference` writes this page from the code; a test
compares it, and the policies in `policies/`, with the code.
[Write IAM policies](../how-to/iam-policies.md) shows how to use them.

- **agent**, **reader** and **owner** are for one tenant. The **auditor** and the **operator** are
  for all.
- An **owner** cannot loosen the tenant's own budgets: that is a 403 `FORBIDDEN`.
- For callers with [tokens](../how-to/tokens.md) the scopes `agent`, `reader`, `owner`, `auditor`
  and `admin` (the operator) give these roles. IAM judges all others by their policies.
- Operations without a route are invoked by schedules, streams and state machines, and by operators.

"""


def page() -> str:
    """The page's text: one line for each operation, in the order of the functions."""
    lines = [("operation", "function", "route", *ROLES), ("---",) * (3 + len(ROLES))]
    for function, operations in FUNCTIONS.items():
        for one in operations:
            route = "direct only" if one.method == DIRECT else f"`{one.method} {one.path}`"
            marks = ("yes" if one.name in OPERATIONS_OF[role] else "" for role in ROLES)
            lines.append((f"`{one.name}`", function, route, *marks))
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page())
