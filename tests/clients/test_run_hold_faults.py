"""A run's hold in outages and crashes: no cost is lost, and none is booked twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from budget_monitor_client import (
    UnavailableError,
)
from tests.clients.test_calls import HELD, RESPONSE, TERMS, TRUE_COST, costs, held
from tests.clients.test_journal import DyingProcess
from tests.clients.test_run_holds import DOLLAR, run_of
from tests.support.clients.handlers import client, direct
from tests.support.clients.power import FaultyTransport, KilledError, Power
from tests.support.thorough import share


def test_a_draw_whose_answer_was_lost_is_booked_once(cloud: Any, tenant_id: str) -> None:
    faulty = FaultyTransport(direct(), lost_after={2, 3})
    with run_of(client(faulty), tenant_id) as run, run.hold(usd=1), run.call(**TERMS) as call:
        call.done(RESPONSE)
    assert costs(client(), tenant_id) == [TRUE_COST]


def test_in_an_outage_draws_wait_in_the_journal_and_are_booked_before_the_release(
    cloud: Any, tenant_id: str, tmp_path: Path
) -> None:
    faulty = FaultyTransport(direct())
    budget = client(faulty, journal=tmp_path)
    with run_of(budget, tenant_id) as run, run.hold(usd=2), run.call(**DOLLAR) as call:
        faulty.is_down = True
        call.done(cost_usd="0.5")
        assert call.entry is None
    faulty.is_down = False
    assert budget.flush() == 0
    (entry,) = client().ledger(tenant_id)["items"]
    assert (entry["cost_usd"], entry["flags"], held(client(), tenant_id)) == ("0.5", [], "0")


@pytest.mark.parametrize("choice", ["deny", "allow"])
def test_an_outage_before_the_hold_is_an_error_unless_the_caller_allows_it(
    cloud: Any, tenant_id: str, choice: str, tmp_path: Path
) -> None:
    faulty = FaultyTransport(direct(), is_down=True)
    budget = client(faulty, journal=tmp_path, on_unavailable=choice)
    run = run_of(budget, tenant_id)
    if choice == "deny":
        with pytest.raises(UnavailableError), run.hold(usd=1):
            pytest.fail("the hold was had")
    else:
        with run.hold(usd=1) as hold, run.call(**DOLLAR) as call:
            assert hold.decision is None
            call.done(cost_usd="0.5")
    faulty.is_down = False
    assert budget.flush() == 0
    booked = [] if choice == "deny" else ["0.5"]
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == (booked, "0")


def one_run(folder: Path, power: Power, tenant_id: str, response: Any) -> int:
    """A run of two calls in a process that may die; how often the model was asked."""
    process, asked = DyingProcess(folder, power, direct()), 0
    try:
        with process.run(tenant_id, run_id="run-1") as run, run.hold(usd=1):
            for _ in range(2):
                with run.call(**TERMS) as call:
                    power.step()
                    asked += 1
                    power.step()
                    if response is not None:
                        call.done(response)
    except KilledError:
        pass
    process.die()
    return asked


@pytest.mark.parametrize("response", [RESPONSE, None], ids=["usage", "no usage"])
def test_a_process_killed_at_any_step_of_a_hold_loses_no_cost_and_books_none_twice(
    cloud: Any, tmp_path: Path, tenant_id: str, response: Any
) -> None:
    power = Power()
    assert one_run(tmp_path, power, f"{tenant_id}-whole", response) == 2
    assert power.steps == 36
    turn = int(response is None)  # in `make test` each step is taken by one of the two
    for number in share(range(power.steps), turn, 2):
        of = f"{tenant_id}-{number}"
        asked = one_run(tmp_path / of, Power(number), of, response)
        client(journal=tmp_path / of).close()
        found = costs(client(), of)
        assert held(client(), of) == "0", number
        assert set(found) <= {TRUE_COST, HELD}
        assert asked <= len(found) <= 2, f"a call at step {number} was free"
        assert list((tmp_path / of).iterdir()) == []
