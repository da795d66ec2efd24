"""`python -m local.stack.adopt packaged.yaml PREFIX`: a template that adopts restored tables.

CloudFormation adopts a table that exists only where the template spells its name out: a name that
comes from a parameter would be created, and fail. So the five names stand in this template as
`PREFIX-Accounts` and so on, and later deployments give the same names by the parameters.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import yaml

from local.stack import template

TABLES = ("Accounts", "Ledger", "Reservations", "Budgets", "Alerts")


def adopting(packaged: template.Template, prefix: str) -> template.Template:
    """A copy of the template with the names of the five restored tables spelled out."""
    made = copy.deepcopy(packaged)
    for one in TABLES:
        made["Resources"][f"{one}Table"]["Properties"]["TableName"] = f"{prefix}-{one}"
    return made


def main(packaged: Path, prefix: str) -> None:
    """Print the template."""
    print(yaml.safe_dump(adopting(template.load(packaged), prefix), sort_keys=False, width=100))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
