"""The asynchronous client does the same, also when a task is cancelled at any point."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from budget_monitor_client import (
    AsyncBudgetMonitor,
    BudgetMonitor,
    NotFoundError,
    RefusedError,
)
from budget_monitor_client.aio import AsyncCall, AsyncRun, AsyncRunHold
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.run_holds import RunHold
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.sending import Transport
from budget_monitor_client.values import Answer, Fields
from tests.clients.test_calls import HELD, RESPONSE, TERMS, TRUE_COST, costs, held
from tests.clients.test_streams import CUTS, STREAMS, BrokenError
from tests.support.clients.handlers import client, direct


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_operations_are_awaited(transport: Transport, tenant_id: str) -> None:
    async def use() -> None:
        async with AsyncBudgetMonitor(client(transport)) as budget:
            await budget.record_cost(tenant_id, agent_execution_id="run-1", cost_usd="1")
            assert (await budget.tenant_usage(tenant_id))["spent_usd"] == "1"
            with pytest.raises(NotFoundError):
                await budget.get_reservation(tenant_id, reservation_id="none")

    finished(use())


def test_a_call_books_the_cost_of_its_response(tenant_id: str, tmp_path: Path) -> None:
    async def use() -> None:
        async with AsyncBudgetMonitor(client(journal=tmp_path)) as budget:
            async with budget.run(tenant_id, run_id="run-1", agent="researcher") as run:
                async with run.call(**TERMS) as call:
                    assert await call.done(RESPONSE) is RESPONSE
                assert call.entry is not None
                assert call.entry["agent"] == "researcher"
                assert call.reservation_id.startswith(run.run_id)
                async with run.call(**TERMS) as call:
                    await call.extend(60)
                    await call.release()
                with pytest.raises(RefusedError):
                    async with run.call(**TERMS | {"max_tokens": 2_000_000}):
                        pytest.fail("the call was made")
            assert await budget.flush() == 0

    finished(use())
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([TRUE_COST], "0")


def test_a_decorated_function_is_a_guarded_call(tenant_id: str) -> None:
    async def use() -> None:
        run = AsyncBudgetMonitor(client()).run(tenant_id)

        @run.guard(model="gpt-4o", max_tokens=800)
        async def ask(question: str) -> dict[str, Any]:
            assert question
            return RESPONSE

        assert await ask("hi") == RESPONSE

    finished(use())
    assert costs(client(), tenant_id) == [TRUE_COST]


@pytest.mark.parametrize(("name", "at"), CUTS)
def test_a_stream_cut_at_each_chunk_is_never_free(tenant_id: str, name: str, at: int) -> None:
    chunks, model, whole = STREAMS[name]

    async def stream() -> AsyncIterator[Any]:
        for chunk in chunks[:at]:
            yield chunk
        if at < len(chunks):
            raise BrokenError

    async def use() -> str:
        run = AsyncBudgetMonitor(client()).run(tenant_id)
        call = run.call(model=model, max_tokens=4000, input_tokens=1500)
        try:
            async with call:
                async for _ in call.stream(stream()):
                    pass
        except BrokenError:
            pass
        assert call.decision is not None
        return str(call.decision["reservation"]["amount_usd"])

    estimate = finished(use())
    (cost,) = costs(client(), tenant_id)
    assert (cost == estimate) is (at < whole)


def test_a_cancelled_body_is_booked_at_the_estimate(tenant_id: str) -> None:
    async def body(entered: asyncio.Event) -> None:
        async with AsyncBudgetMonitor(client()).run(tenant_id).call(**TERMS):
            entered.set()
            await asyncio.sleep(60)

    async def use() -> None:
        entered = asyncio.Event()
        task = asyncio.create_task(body(entered))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    finished(use())
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([HELD], "0")


class Slow:
    """A transport that waits before it sends an operation."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.has_come, self.may_go = threading.Event(), threading.Event()

    def request(self, operation: str, fields: Fields) -> Answer:
        if operation == self.operation:
            self.has_come.set()
            assert self.may_go.wait(30)
        return direct().request(operation, fields)


async def cancelled_during(slow: Slow, task: asyncio.Task[None]) -> None:
    await asyncio.to_thread(slow.has_come.wait)
    task.cancel()
    await asyncio.sleep(0)
    slow.may_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_task_cancelled_while_it_reserves_gives_the_money_back(tenant_id: str) -> None:
    slow = Slow("reserve")

    async def enter(call: AsyncCall) -> None:
        async with call:
            pytest.fail("the call was made")

    async def use() -> None:
        call = AsyncBudgetMonitor(client(slow)).run(tenant_id).call(**TERMS)
        await cancelled_during(slow, asyncio.create_task(enter(call)))

    finished(use())
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([], "0")


def test_a_task_cancelled_while_it_settles_books_the_true_cost(tenant_id: str) -> None:
    slow = Slow("settle")

    async def settle() -> None:
        async with AsyncBudgetMonitor(client(slow)).run(tenant_id).call(**TERMS) as call:
            await call.done(RESPONSE)

    async def use() -> None:
        await cancelled_during(slow, asyncio.create_task(settle()))

    finished(use())
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([TRUE_COST], "0")


def test_a_call_takes_a_token_and_says_what_becomes_of_its_hold(tenant_id: str) -> None:
    async def main() -> None:
        budget = AsyncBudgetMonitor.http("https://api.example.com", token=lambda: "a-token")
        assert isinstance(budget.run(tenant_id).call(**TERMS, on_expiry="return"), AsyncCall)

    finished(main())


MIRRORED = [
    (AsyncCall, Call),
    (AsyncRunHold, RunHold),
    (AsyncRun, Run),
    (AsyncBudgetMonitor, BudgetMonitor),
]
INSIDE = {"end", "watch", "take", "give_back"}
"""What calls, streams and holds of a run do with each other; callers use the others."""


@pytest.mark.parametrize(("mirror", "of"), MIRRORED)
def test_each_method_of_the_synchronous_client_has_its_parameters_in_the_other(
    mirror: type, of: type
) -> None:
    for name, member in vars(of).items():
        if name.startswith("_") or name in INSIDE:
            continue
        assert hasattr(mirror, name), name
        if inspect.isfunction(member):
            other = inspect.signature(getattr(mirror, name))
            assert list(other.parameters) == list(inspect.signature(member).parameters), name
