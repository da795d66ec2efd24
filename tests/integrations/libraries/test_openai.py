"""OpenAI's own client, guarded: `openai` on pypi.org, against the stub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest

from budget_monitor_client.integrations.openai import guarded
from tests.integrations.libraries.conftest import Ledger, booked_once, may_break
from tests.integrations.libraries.stub_models import Models

MESSAGES: list[Any] = [{"role": "user", "content": "What is a budget?"}]
ASKED: dict[str, Any] = {"model": "gpt-4o", "messages": MESSAGES, "max_tokens": 800}
RESPONSE: dict[str, Any] = {"model": "gpt-4o", "input": "What is it?", "max_output_tokens": 800}
COST = "0.006"


def chat(client: openai.OpenAI) -> object:
    return client.chat.completions.create(**ASKED)


def raw(client: openai.OpenAI) -> object:
    return client.chat.completions.with_raw_response.create(**ASKED).parse()


def streamed_raw(client: openai.OpenAI) -> object:
    with client.chat.completions.with_streaming_response.create(**ASKED) as response:
        return response.parse()


def parsed(client: openai.OpenAI) -> object:
    return client.chat.completions.parse(**ASKED)


def response(client: openai.OpenAI) -> object:
    return client.responses.create(**RESPONSE)


def copied(client: openai.OpenAI) -> object:
    return client.with_options(timeout=30).chat.completions.create(**ASKED)


CALLS = [chat, raw, streamed_raw, parsed, response, copied]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_books_0_006_usd_by_its_usage(
    ledger: Ledger, models: Models, call: Callable[[openai.OpenAI], object]
) -> None:
    with ledger.run() as run:
        found: Any = call(guarded(openai.OpenAI(), run))
        assert found.usage is not None
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_raised_before_anything_is_sent(
    ledger: Ledger, refused: Any, call: Callable[[openai.OpenAI], object]
) -> None:
    with ledger.run() as run:
        refused(lambda: call(guarded(openai.OpenAI(), run)))


def test_embeddings_are_booked_by_their_input(ledger: Ledger, models: Models) -> None:
    client = guarded(openai.OpenAI(), ledger.run(), provider="openai")
    client.embeddings.create(model="text-embedding-3-small", input="What is it?")
    assert ledger.costs == ["0.000024"]


def test_a_call_without_a_limit_gets_that_of_the_guard(ledger: Ledger, models: Models) -> None:
    client = guarded(openai.OpenAI(), ledger.run(), max_tokens=123)
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    client.responses.create(model="gpt-4o", input="What is it?")
    bodies = [body for _, body in models.seen]
    assert bodies[0]["max_completion_tokens"] == bodies[1]["max_output_tokens"] == 123


@pytest.mark.parametrize("status", [500, 503, 408, 429, 400])
def test_a_failed_call_is_sent_once_and_booked_unless_the_provider_refused_it(
    ledger: Ledger, models: Models, status: int
) -> None:
    models.status = status
    with ledger.run() as run, pytest.raises(openai.APIStatusError):
        chat(guarded(openai.OpenAI(), run))
    assert (models.attempts, ledger.held) == (1, "0")
    assert len(ledger.costs) == (0 if status in {400, 429} else 1)


def iterated(client: openai.OpenAI) -> list[Any]:
    return list(client.chat.completions.create(**ASKED, stream=True))


def iterated_raw(client: openai.OpenAI) -> list[Any]:
    return list(client.chat.completions.with_raw_response.create(**ASKED, stream=True).parse())


def helper(client: openai.OpenAI) -> list[Any]:
    with client.chat.completions.stream(**ASKED) as stream:
        return list(stream)


def responses(client: openai.OpenAI) -> list[Any]:
    return list(client.responses.create(**RESPONSE, stream=True))


def aiterated(client: openai.OpenAI) -> list[Any]:
    async def read() -> list[Any]:
        stream = await asynchronous(client).chat.completions.create(**ASKED, stream=True)
        return [chunk async for chunk in stream]

    return asyncio.run(read())


def aiterated_raw(client: openai.OpenAI) -> list[Any]:
    async def read() -> list[Any]:
        completions = asynchronous(client).chat.completions
        raw = await completions.with_raw_response.create(**ASKED, stream=True)
        return [chunk async for chunk in raw.parse()]

    return asyncio.run(read())


def asynchronous(client: Any) -> openai.AsyncOpenAI:
    return guarded(openai.AsyncOpenAI(), client.terms.run)


STREAMS: list[tuple[Callable[[openai.OpenAI], list[Any]], int]] = [
    *((one, 4) for one in (iterated, iterated_raw, helper, aiterated, aiterated_raw)),
    (responses, 3),
]
CUTS = [(read, cut, whole) for read, whole in STREAMS for cut in range(whole + 1)]


@pytest.mark.parametrize(("read", "cut", "whole"), CUTS)
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger,
    models: Models,
    read: Callable[[openai.OpenAI], list[Any]],
    cut: int,
    whole: int,
) -> None:
    models.cut_at = cut
    with ledger.run() as run, may_break(only_if=cut <= whole):
        read(guarded(openai.OpenAI(), run))
    booked_once(ledger, COST, whole=cut >= whole)


def test_the_chunk_with_the_usage_is_shown_only_to_those_who_asked_for_it(
    ledger: Ledger, models: Models
) -> None:
    client = guarded(openai.OpenAI(), ledger.run())
    assert all(chunk.choices for chunk in iterated(client))
    asked = {**ASKED, "stream_options": {"include_usage": True}}
    assert not list(client.chat.completions.create(**asked, stream=True))[-1].choices
    assert ledger.costs == [COST, COST]


def test_a_stream_that_its_reader_closes_or_never_reads_is_booked(
    ledger: Ledger, models: Models
) -> None:
    with ledger.run() as run:
        client = guarded(openai.OpenAI(), run)
        with client.chat.completions.create(**ASKED, stream=True) as stream:
            next(stream)
        client.chat.completions.create(**ASKED, stream=True)
    assert len(ledger.costs) == 2
    assert ledger.held == "0"


def test_an_asynchronous_call_books_the_same(ledger: Ledger, models: Models, refused: Any) -> None:
    client = guarded(openai.AsyncOpenAI(), ledger.run())
    asyncio.run(client.chat.completions.create(**ASKED))
    assert ledger.costs == [COST]


def test_an_asynchronous_call_is_refused_the_same(ledger: Ledger, refused: Any) -> None:
    client = guarded(openai.AsyncOpenAI(), ledger.run())
    refused(lambda: asyncio.run(client.chat.completions.create(**ASKED)))


def test_what_calls_no_model_passes(ledger: Ledger, models: Models) -> None:
    models.status = 404
    with pytest.raises(openai.NotFoundError):
        guarded(openai.OpenAI(), ledger.run()).moderations.create(input="hi")
    assert (models.attempts, ledger.costs) == (1, [])
