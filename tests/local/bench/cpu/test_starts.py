"""What checking and tracking import: our modules and other packages, and the measured programs."""

from __future__ import annotations

import json

import pytest

from local.bench.cpu import starts
from local.bench.cpu.hot_path import recorded
from local.bench.cpu.loopback import served
from tests.support.processes.fresh_interpreter import TO_START, printed_by

IMPORTED = {"checking": 137, "tracking": 136}
"""The number of our modules that a function imports before its first request."""
PACKAGES = (
    "aws_lambda_powertools botocore certifi dateutil jmespath pynamodb six "
    "typing_extensions urllib3"
)
"""What each imports beside them and the standard library."""
SCRIPT = """
import json, sys
import functions.{name}.app
import budget_monitor.bootstrap
budget_monitor.bootstrap.{name}()
ours = [one for one in sys.modules if one.startswith("budget_monitor.")]
tops = {{one.split(".")[0] for one, module in sys.modules.items() if module}}
others = tops - sys.stdlib_module_names - {{"budget_monitor", "functions", "__main__"}}
print(json.dumps([len(ours), " ".join(sorted(one for one in others if one[0] != "_"))]))
"""


@pytest.mark.parametrize("name", IMPORTED)
def test_a_function_imports_these_packages_and_so_many_of_our_modules(name: str) -> None:
    found = json.loads(printed_by(SCRIPT.format(name=name), **TO_START))
    assert found == [IMPORTED[name], PACKAGES]


def test_a_start_is_measured_up_to_its_imports_and_up_to_its_first_answer() -> None:
    known = recorded()
    scripts = starts.scripts(known)
    assert set(scripts) == {starts.BASE, "checking", "tracking"}
    with served(known.answers) as address:
        environment = {**known.environment, "AWS_ENDPOINT_URL": address}
        imported, answered = starts.timed(scripts["checking"], environment)
    assert 0 < imported < answered


def test_a_program_that_fails_stops_the_measurement_with_its_error() -> None:
    with pytest.raises(RuntimeError, match="nothing to see"):
        starts.timed("raise SystemExit('nothing to see')", {})


def test_each_program_is_the_first_one_of_a_round_in_turn() -> None:
    names = ["a", "b", "c"]
    rounds = [starts.in_turn(names, number) for number in range(4)]
    assert rounds == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]
