"""The library of prices: loaded only when a price is asked for, and never online."""

from __future__ import annotations

import json

import pytest

from tests.support.processes.fresh_interpreter import TO_START, printed_by

pytestmark = pytest.mark.xdist_group("price library")  # one process shows what is loaded

HEAVY = {"genai_prices", "pydantic", "pydantic_core", "httpx2", "httpx"}

CALLS = """
import json, os, sys
import pytest
from tests.support.memory.database import MemoryDynamoDB
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.environment import CREDENTIALS

patch = pytest.MonkeyPatch()
for name, value in CREDENTIALS.items():
    patch.setenv(name, value)
patch.setenv("AWS_ENDPOINT_URL", "http://memory.invalid")
database = MemoryDynamoDB()
database.install(patch)
Cloud(database, patch)
tenant = Tenant(DirectDoor())
for name in [one for one in sys.modules if one.split(".")[0] in heavy]:
    del sys.modules[name]  # what the tests' own tools brought along
usage = {"input_tokens": 10, "cache_read_tokens": 4, "output_tokens": 5}
labels = {"model": "gpt-4o", "provider": "openai"}

def show(after):
    names = sorted({one.split(".")[0] for one in sys.modules} & heavy)
    print(json.dumps({"after": after, "loaded": names}), flush=True)
"""
GIVEN = """
assert tenant.check("1", **labels).body["allowed"]
held = tenant.hold("1", **labels)
assert tenant.record("0.5", usage=usage, **labels).body["entry"]["tokens"] == 15
assert tenant.settle(held, "0.25", usage=usage).body["entry"]["tokens"] == 15
costs = [{"agent_execution_id": "run-1", "cost_usd": "1", "usage": usage, **labels}]
assert tenant.call("record_costs", costs=costs).body["results"][0]["entry"]
"""
BUDGETS = """
who = {"by": "maria", "reason": "a test", "scope_id": "*", "period": "day", "limit_usd": "9"}
for n, scope in enumerate(("user", "agent", "workflow", "tag")):
    tenant.call("set_budget", budget_id=f"each-{n}", scope=scope, **who).body
"""
MODELS = """
who["scope"] = "model"
tenant.call("set_budget", budget_id="models", **who).body
unnamed = {"agent_execution_id": "run-2"}
tenant.settle(tenant.hold("1", **unnamed), "1")
tenant.record("1", **unnamed)
assert not {one.split(".")[0] for one in sys.modules} & heavy
"""
PRICED = """
child = os.fork()
if not child:
    entry = tenant.call("record_cost", agent_execution_id="run-1", usage=usage, **labels)
    assert entry.body["entry"]["price"]["source"] == "genai-prices"
    show("a price")
    os._exit(0)
assert os.waitpid(child, 0) == (child, 0)
"""
OFFLINE = """
import socket, threading
from datetime import UTC, datetime

def refuse(*_):
    raise AssertionError("nothing of prices goes online")

for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
threading.Thread.start = refuse

from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.domain.accounting.labels import Labels

prices, labels = PublishedPrices(), Labels(model="gpt-4o", provider="openai")
usage = prices.read({"prompt_tokens": 10, "completion_tokens": 5}, labels, "usage")
sheet = prices.sheet("gpt-4o", "openai", datetime(2026, 11, 1, tzinfo=UTC))
assert prices.missing(sheet, usage) is None
assert prices.canonical_names("bedrock", "") == ("aws", None)
print([str(one.quantity) for one in prices.lines(sheet, usage)])
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """What a process has loaded after each kind of request. A fork of it asks for a price."""
    parts = (
        *(CALLS, GIVEN, "show('costs')\n", PRICED),
        *(BUDGETS, GIVEN, "show('budgets')\n", MODELS, GIVEN, "show('models')\n"),
    )
    printed = printed_by(f"heavy = {HEAVY}" + "".join(parts)).splitlines()
    shown = [json.loads(line) for line in printed if line.startswith('{"after"')]
    return {one["after"]: one["loaded"] for one in shown}


def test_where_costs_are_given_no_price_is_loaded(loaded: dict[str, list[str]]) -> None:
    assert loaded["costs"] == []


def test_budgets_for_other_names_than_models_load_no_price(loaded: dict[str, list[str]]) -> None:
    assert loaded["budgets"] == []


def test_a_budget_for_models_loads_the_library_once_a_request_names_a_model(
    loaded: dict[str, list[str]],
) -> None:
    assert "genai_prices" in loaded["models"]


def test_where_a_price_is_asked_for_the_library_is_loaded(loaded: dict[str, list[str]]) -> None:
    assert "genai_prices" in loaded["a price"]


@pytest.mark.parametrize(("function", "most"), [("checking", 512), ("tracking", 502)])
def test_a_function_starts_with_few_modules(function: str, most: int) -> None:
    """Before there were prices it was 448 and 444. Since then 13 of ours, and 15 empty packages."""
    script = f"""
import sys
before = len(sys.modules)
import functions.{function}.app
import budget_monitor.bootstrap
budget_monitor.bootstrap.{function}()
print(len(sys.modules) - before)
"""
    assert int(printed_by(script, **TO_START)) <= most


def test_reading_and_pricing_open_no_socket_and_start_no_thread() -> None:
    assert printed_by(f"heavy = {HEAVY}" + OFFLINE).splitlines()[-1] == "['10', '5']"
