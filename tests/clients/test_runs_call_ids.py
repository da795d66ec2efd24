"""Ids of calls derive from run, step and content; outages book each cost once."""

from __future__ import annotations

import pytest

from budget_monitor_client import BudgetMonitor, UnavailableError
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.sending import Transport
from tests.clients.test_calls import HELD, RESPONSE, TERMS, TRUE_COST, costs, held
from tests.support.clients.handlers import client, direct
from tests.support.clients.power import FaultyTransport


@pytest.fixture
def budget(transport: Transport) -> BudgetMonitor:
    return client(transport)


@pytest.fixture
def run(budget: BudgetMonitor, tenant_id: str) -> Run:
    return budget.run(tenant_id, run_id="run-1")


def test_ids_derive_from_run_step_and_content(transport: Transport, tenant_id: str) -> None:
    ids = []
    for content in ("one", "one", "two"):
        run = client(transport).run(tenant_id, run_id="run-1")
        call = run.call(model="gpt-4o", max_tokens=1, input=content, step="plan")
        ids.append(call.__enter__().reservation_id)
    first, again, other = ids
    assert first == again != other
    assert first.startswith("run-1.plan.")
    assert first.endswith(".1")
    usage = client(transport).tenant_usage(tenant_id)
    assert usage["held_usd"] == "0.000115"  # 19 bytes and 16 marks of input, 1 token out; twice


def test_a_step_that_ended_before_is_a_new_attempt(budget: BudgetMonitor, tenant_id: str) -> None:
    for number in (1, 2, 3):
        with budget.run(tenant_id, run_id="run-1").call(**TERMS) as call:
            assert call.reservation_id.endswith(f".{number}")
            call.done(RESPONSE)
    assert costs(budget, tenant_id) == [TRUE_COST] * 3


def test_two_equal_calls_of_a_run_have_a_hold_each(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    with run.call(**TERMS) as one, run.call(**TERMS) as other:
        assert held(budget, tenant_id) == "0.022"
        one.done(RESPONSE)
        other.done(RESPONSE)
    assert costs(budget, tenant_id) == [TRUE_COST] * 2


def test_two_processes_that_share_a_hold_book_both_costs(
    transport: Transport, tenant_id: str
) -> None:
    budget = client(transport)
    one, other = (client(transport).run(tenant_id, run_id="run-1") for _ in range(2))
    with one.call(**TERMS) as first, other.call(**TERMS) as second:
        assert first.reservation_id == second.reservation_id
        first.done(RESPONSE)
        second.done({**RESPONSE, "id": "chatcmpl-2"})
    assert costs(budget, tenant_id) == [TRUE_COST] * 2


@pytest.mark.parametrize("number", range(3))
def test_lost_requests_and_answers_are_sent_again_with_the_same_ids(
    transport: Transport, tenant_id: str, number: int
) -> None:
    for faulty in (
        FaultyTransport(transport, lost_before={number}),
        FaultyTransport(transport, lost_after={number}),
    ):
        with client(faulty).run(tenant_id).call(**TERMS) as call:
            call.done(RESPONSE)
        named = {fields["reservation_id"] for _, fields in faulty.sent}
        assert (len(named), {name for name, _ in faulty.sent}) == (1, {"reserve", "settle"})
    assert costs(client(transport), tenant_id) == [TRUE_COST] * 2
    assert held(client(transport), tenant_id) == "0"


def test_an_outage_before_the_call_denies_it_and_releases_nothing(tenant_id: str) -> None:
    faulty = FaultyTransport(direct(), lost_after={0, 1, 2, 3})
    run = client(faulty).run(tenant_id, run_id="run-1")
    with pytest.raises(UnavailableError), run.call(**TERMS):
        pytest.fail("the call was made")
    assert {name for name, _ in faulty.sent} == {"reserve"}
    assert held(client(), tenant_id) == HELD
    with run.call(**TERMS) as call:  # the step once more: it finds the hold that was granted
        assert call.decision is not None
        assert call.decision["replayed"] is True
        call.done(RESPONSE)
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([TRUE_COST], "0")


@pytest.mark.parametrize("was_granted", [True, False])
@pytest.mark.parametrize("has_usage", [True, False])
def test_with_allow_an_outage_before_the_call_loses_no_cost(
    tenant_id: str, *, was_granted: bool, has_usage: bool
) -> None:
    lost = {0, 1, 2, 3}
    faulty = FaultyTransport(direct(), **{"lost_after" if was_granted else "lost_before": lost})  # type: ignore[arg-type]
    with client(faulty, on_unavailable="allow").run(tenant_id).call(**TERMS) as call:
        assert call.decision is None
        if has_usage:
            call.done(RESPONSE)
    assert costs(client(), tenant_id) == [TRUE_COST if has_usage else HELD]
    assert held(client(), tenant_id) == "0"


def test_without_a_journal_an_outage_after_the_call_is_an_error_and_is_tried_at_the_end(
    tenant_id: str,
) -> None:
    faulty = FaultyTransport(direct())
    with client(faulty).run(tenant_id).call(**TERMS) as call:
        faulty.is_down = True
        with pytest.raises(UnavailableError):
            call.done(RESPONSE)
        faulty.is_down = False
    assert costs(client(), tenant_id) == [TRUE_COST]
