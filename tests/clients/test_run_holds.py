"""One hold for a run: calls draw on it, nothing is lost or doubled, and the rest is released."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from budget_monitor_client import (
    AsyncBudgetMonitor,
    BudgetMonitor,
    RefusedError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.sending import Transport
from tests.clients.test_aio import Slow, cancelled_during
from tests.clients.test_calls import HELD, RESPONSE, TERMS, TRUE_COST, StatusError, costs, held
from tests.support.clients.handlers import client, direct
from tests.support.clients.power import FaultyTransport

WHY: dict[str, Any] = {"by": "maria", "reason": "a test"}
DOLLAR: dict[str, Any] = {"estimated_cost_usd": "1"}


def operations(faulty: FaultyTransport) -> Counter[str]:
    return Counter(name for name, _ in faulty.sent)


def run_of(budget: BudgetMonitor, tenant_id: str) -> Run:
    return budget.run(tenant_id, run_id="run-1", agent="researcher", user="ada", tags=["a"])


def test_calls_draw_on_the_hold_and_the_rest_is_released(
    transport: Transport, tenant_id: str
) -> None:
    budget = client(transport)
    with run_of(budget, tenant_id) as run, run.hold(usd=2) as hold:
        assert held(budget, tenant_id) == "2"
        for _ in range(3):
            with run.call(**TERMS) as call:
                call.done(RESPONSE)
            assert call.entry is not None
            assert call.entry["reservation_id"] == hold.reservation_id
        assert (held(budget, tenant_id), hold.left_usd) == ("1.982", Decimal("1.982"))
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([TRUE_COST] * 3, "0")
    (entry, *_) = budget.ledger(tenant_id)["items"]
    assert (entry["model"], entry["agent"], entry["user"]) == ("gpt-4o", "researcher", "ada")


def test_20_calls_are_1_reserve_20_draws_1_release_and_1_quote(cloud: Any, tenant_id: str) -> None:
    faulty = FaultyTransport(direct())
    with run_of(client(faulty), tenant_id) as run, run.hold(usd=2):
        for _ in range(20):
            with run.call(**TERMS) as call:
                call.done(RESPONSE)
    assert operations(faulty) == {"reserve": 1, "quote": 1, "draw": 20, "release": 1}


def test_a_call_that_does_not_fit_reserves_for_itself(cloud: Any, tenant_id: str) -> None:
    budget = client()
    with run_of(budget, tenant_id) as run, run.hold(usd="1.5"):
        with run.call(**DOLLAR) as first:
            with run.call(**DOLLAR) as second:
                assert held(budget, tenant_id) == "2.5"
                assert (first.decision, second.decision is None) == (None, False)
                second.done(cost_usd="0.75")
            first.done(cost_usd="0.25")
        with run.call(**DOLLAR) as third:
            third.done(cost_usd="1")
            assert third.decision is None
    assert costs(budget, tenant_id) == ["0.75", "0.25", "1"]
    assert held(budget, tenant_id) == "0"


def test_a_call_that_does_not_fit_the_hold_and_no_budget_is_refused(
    cloud: Any, tenant_id: str
) -> None:
    budget = client()
    budget.set_budget(tenant_id, budget_id="tenant-month", limit_usd="2", **WHY)
    with run_of(budget, tenant_id) as run, run.hold(usd=2):
        with run.call(estimated_cost_usd="2") as call:
            call.done(cost_usd="1.5")
        with pytest.raises(RefusedError), run.call(**DOLLAR):
            pytest.fail("the call was made")
    assert budget.tenant_usage(tenant_id)["spent_usd"] == "1.5"


def test_a_hold_that_is_refused_raises_and_the_run_goes_on_without_it(
    cloud: Any, tenant_id: str
) -> None:
    budget = client()
    with run_of(budget, tenant_id) as run:
        with pytest.raises(RefusedError, match="Execution budget"), run.hold(usd=11):
            pytest.fail("the hold was had")
        with pytest.raises(ValidationError), run.hold(usd="much"):
            pytest.fail("the hold was had")
        with run.call(**TERMS) as call:
            assert call.decision is not None
            call.done(RESPONSE)


def test_64_threads_never_draw_more_than_the_hold(cloud: Any, tenant_id: str) -> None:
    """Each costs what it was estimated at; 10 fit the hold and 5 more the budget."""
    budget = client()
    budget.set_budget(tenant_id, budget_id="tenant-month", limit_usd="15", **WHY)
    budget.set_budget(tenant_id, budget_id="execution", limit_usd="15", **WHY)

    def spend(run: Run, number: int) -> bool:
        try:
            with run.call(**DOLLAR, step=f"s{number}") as call:
                call.done(cost_usd="1")
        except RefusedError:
            return False
        return True

    with run_of(budget, tenant_id) as run, run.hold(usd=10), ThreadPoolExecutor(64) as pool:
        made = list(pool.map(lambda number: spend(run, number), range(64)))
    assert sum(made) == 15
    month = budget.tenant_usage(tenant_id)
    assert (month["spent_usd"], month["held_usd"]) == ("15", "0")


@pytest.mark.parametrize(
    ("error", "booked"), [(StatusError(429), []), (TimeoutError(), [HELD])], ids=repr
)
def test_a_call_that_fails_is_booked_at_its_estimate_or_not_at_all(
    cloud: Any, tenant_id: str, error: Exception, booked: list[str]
) -> None:
    budget = client()
    with run_of(budget, tenant_id) as run, run.hold(usd=2) as hold:
        with pytest.raises(type(error)), run.call(**TERMS):
            raise error
        assert hold.left_usd == 2 - sum(map(Decimal, booked))
    flags = [one["flags"] for one in budget.ledger(tenant_id)["items"]]
    assert flags == [["estimated"]] * len(booked)
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == (booked, "0")


def test_a_stream_and_a_call_left_open_are_booked_when_the_hold_ends(
    cloud: Any, tenant_id: str
) -> None:
    budget = client()
    with run_of(budget, tenant_id) as run, run.hold(usd=2):
        run.call(**TERMS).__enter__()
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([HELD], "0")


def test_a_response_that_cannot_be_priced_is_drawn_at_the_estimate(
    cloud: Any, tenant_id: str
) -> None:
    budget = client()
    with run_of(budget, tenant_id) as run, run.hold(usd=2), run.call(**TERMS) as call:
        call.done({"usage": {"prompt_tokens": 5, "riddles": 7}})
    assert costs(budget, tenant_id) == [HELD]


def test_a_model_without_a_price_is_an_error_before_the_call(cloud: Any, tenant_id: str) -> None:
    with run_of(client(), tenant_id) as run, run.hold(usd=2):  # noqa: SIM117 - the run goes on
        with pytest.raises(UnknownPriceError), run.call(**TERMS | {"model": "unknown-9"}):
            pytest.fail("the call was made")
    assert held(client(), tenant_id) == "0"


def test_after_its_end_a_hold_is_not_drawn_on_and_late_draws_are_booked(
    cloud: Any, tenant_id: str
) -> None:
    budget = client()
    with run_of(budget, tenant_id) as run, run.hold(usd=2, expires_in_seconds=60) as hold:
        with run.call(**DOLLAR) as late:
            hold.extend(30)
            with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
                late.done(cost_usd="0.5")
        assert (late.entry or {})["flags"] == ["late_settlement"]
        with run.call(**DOLLAR) as own:
            assert own.decision is not None
            own.done(cost_usd="0.25")
    assert sorted(costs(budget, tenant_id)) == ["0.25", "0.5"]


def test_a_run_has_one_hold_at_a_time(cloud: Any, tenant_id: str) -> None:
    with run_of(client(), tenant_id) as run:
        with run.hold(usd=1):  # noqa: SIM117 - the second is refused within the first
            with pytest.raises(RuntimeError, match="has a hold already"), run.hold(usd=1):
                pytest.fail("a second hold")
        with run.hold(usd=1):
            pass


def test_a_repeated_run_does_not_take_the_draws_of_an_earlier_one(
    cloud: Any, tenant_id: str
) -> None:
    """The same run, steps and content, twice: two calls of the model, two costs."""
    for _ in range(2):
        with run_of(client(), tenant_id) as run, run.hold(usd=1), run.call(**TERMS) as call:
            call.done(RESPONSE)
    assert costs(client(), tenant_id) == [TRUE_COST] * 2


def test_the_asynchronous_client_draws_too_and_gives_back_when_it_is_cancelled(
    cloud: Any, tenant_id: str
) -> None:
    async def use() -> None:
        async with (
            AsyncBudgetMonitor(client()) as budget,
            budget.run(tenant_id, run_id="run-1") as run,
            run.hold(usd=2) as hold,
        ):
            for _ in range(2):
                async with run.call(**TERMS) as call:
                    await call.done(RESPONSE)
            await hold.extend(60)
            assert hold.left_usd == Decimal("1.988")
            assert hold.decision is not None
            assert hold.reservation_id.startswith("run-1.h")

    asyncio.run(use())
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([TRUE_COST] * 2, "0")


def test_a_task_that_is_cancelled_while_it_gets_a_hold_gives_it_back(
    cloud: Any, tenant_id: str
) -> None:
    slow = Slow("reserve")
    run = AsyncBudgetMonitor(client(slow)).run(tenant_id, run_id="run-1")

    async def enter() -> None:
        async with run.hold(usd=2):
            pytest.fail("the hold was had")

    async def use() -> None:
        await cancelled_during(slow, asyncio.create_task(enter()))

    asyncio.run(use())
    assert held(client(), tenant_id) == "0"
    (hold,) = client().list_reservations(tenant_id, state="released")["items"]
    assert hold["amount_usd"] == "2"


def test_a_task_that_is_cancelled_while_it_draws_books_the_true_cost(
    cloud: Any, tenant_id: str
) -> None:
    slow = Slow("draw")
    run = AsyncBudgetMonitor(client(slow)).run(tenant_id, run_id="run-1")

    async def draw() -> None:
        async with run.hold(usd=2), run.call(**TERMS) as call:
            await call.done(RESPONSE)

    async def use() -> None:
        await cancelled_during(slow, asyncio.create_task(draw()))

    asyncio.run(use())
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([TRUE_COST], "0")


def test_a_runs_hold_without_an_end_books_what_is_left_if_requested(
    cloud: Any, tenant_id: str
) -> None:
    run = run_of(client(), tenant_id)
    run.hold(usd=2, on_expiry="settle_at_estimate", expires_in_seconds=60).__enter__()
    with run.call(**DOLLAR) as call:
        call.done(cost_usd="0.5")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        client().expire()
        assert sorted(costs(client(), tenant_id)) == ["0.5", "1.5"]
