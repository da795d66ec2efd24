"""Anthropic's own client, guarded: `anthropic` on pypi.org, against the stub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic as Client

from budget_monitor_client.integrations.anthropic import guarded
from tests.integrations.libraries.conftest import Ledger, booked_once, may_break
from tests.integrations.libraries.stub_models import Models

ASKED: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "messages": [{"role": "user", "content": "What is a budget?"}],
    "max_tokens": 800,
}
COST = "0.0081"


def created(client: Client) -> object:
    return client.messages.create(**ASKED)


def raw(client: Client) -> object:
    return client.messages.with_raw_response.create(**ASKED).parse()


def acreated(client: Client) -> object:
    return asyncio.run(asynchronous(client).messages.create(**ASKED))


def asynchronous(client: Any) -> anthropic.AsyncAnthropic:
    return guarded(anthropic.AsyncAnthropic(), client.terms.run)


CALLS = [created, raw, acreated]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_books_0_0081_usd_by_its_usage(
    ledger: Ledger, models: Models, call: Callable[[Client], object]
) -> None:
    with ledger.run() as run:
        found: Any = call(guarded(Client(), run))
        assert found.usage.output_tokens == 300
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_raised_before_anything_is_sent(
    ledger: Ledger, refused: Any, call: Callable[[Client], object]
) -> None:
    with ledger.run() as run:
        refused(lambda: call(guarded(Client(), run)))


@pytest.mark.parametrize(("status", "booked"), [(529, 1), (500, 1), (429, 0), (400, 0)])
def test_a_failed_call_is_sent_once(
    ledger: Ledger, models: Models, status: int, booked: int
) -> None:
    models.status = status
    with ledger.run() as run, pytest.raises(anthropic.APIStatusError):
        created(guarded(Client(), run))
    assert (models.attempts, ledger.held, len(ledger.costs)) == (1, "0", booked)


def iterated(client: Client) -> list[Any]:
    return list(client.messages.create(**ASKED, stream=True))


def helper(client: Client) -> list[Any]:
    with client.messages.stream(**ASKED) as stream:
        return list(stream.text_stream)


def aiterated(client: Client) -> list[Any]:
    async def read() -> list[Any]:
        stream = await asynchronous(client).messages.create(**ASKED, stream=True)
        return [event async for event in stream]

    return asyncio.run(read())


def ahelper(client: Client) -> list[Any]:
    async def read() -> list[Any]:
        async with asynchronous(client).messages.stream(**ASKED) as stream:
            return [text async for text in stream.text_stream]

    return asyncio.run(read())


WHOLE = 5
"""With the fifth of six events the usage is whole."""
CUTS = [(read, cut) for read in (iterated, helper, aiterated, ahelper) for cut in range(7)]


@pytest.mark.parametrize(("read", "cut"), CUTS)
def test_a_stream_cut_at_each_event_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, read: Callable[[Client], list[Any]], cut: int
) -> None:
    models.cut_at = cut
    with ledger.run() as run, may_break(only_if=cut < 6):
        read(guarded(Client(), run))
    booked_once(ledger, COST, whole=cut >= WHOLE)


def test_counting_tokens_is_no_call_of_a_model(ledger: Ledger, models: Models) -> None:
    models.status = 404
    with pytest.raises(anthropic.NotFoundError):
        guarded(Client(), ledger.run()).messages.count_tokens(
            model="claude-sonnet-4-5", messages=ASKED["messages"]
        )
    assert (models.attempts, ledger.costs) == (1, [])
