"""The routes of the API for callers with tokens: `make reference` writes them into template.yaml.

SAM makes the routes of the other API from the functions' events. It cannot make those of an API
that a parameter switches off, so its body names them: every operation that has a route.
"""

from __future__ import annotations

from collections import defaultdict

from budget_monitor.entrypoints.door.operations import DIRECT
from budget_monitor.entrypoints.openapi.document import FUNCTIONS
from budget_monitor.entrypoints.reporting.catch_all import CATCH_ALL
from tests.support.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
BEGIN = "        paths: # written by `make reference` from the tables of operations\n"
END = "        # the end of the paths\n"
_ANY = "x-amazon-apigateway-any-method"


def section() -> str:
    """The paths as lines of YAML, those of one function after those of another."""
    methods = defaultdict[str, list[str]](list)
    for function, operations in FUNCTIONS.items():
        for one in operations:
            if one.method != DIRECT:
                methods[one.path].append(_line(one.method.lower(), function))
    methods[CATCH_ALL.path].append(_line(_ANY, "reporting"))
    return "".join(
        f'          "{path}":\n{"".join(lines)}' for path, lines in sorted(methods.items())
    )


def _line(method: str, function: str) -> str:
    ref = f'{{$ref: "#/components/x-amazon-apigateway-integrations/{function}"}}'
    return f"            {method}: {{responses: {{}}, x-amazon-apigateway-integration: {ref}}}\n"


def with_section(template: str) -> str:
    """The template with the paths between their two comments."""
    before, _, rest = template.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{section()}{END}{after}"


if __name__ == "__main__":
    TEMPLATE.write_text(with_section(TEMPLATE.read_text()))
