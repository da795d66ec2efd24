"""LangChain and LangGraph with the callback: `langchain-openai`, `langgraph`, against the stub."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

import pytest
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI, OpenAI
from langgraph.graph import END, START, StateGraph

from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.langchain import BudgetCallback
from tests.integrations.libraries.conftest import (
    Ledger,
    booked_once,
    booked_or_estimated,
    may_break,
)
from tests.integrations.libraries.stub_models import Models

COST = "0.006"


def chat(**own: Any) -> ChatOpenAI:
    return ChatOpenAI(
        **{"model": "gpt-4o", "max_tokens": 800, "max_retries": 0, "stream_usage": True, **own}
    )


def invoked(run: Run) -> object:
    chain = ChatPromptTemplate.from_messages([("user", "What is {what}?")]) | chat()
    return chain.invoke({"what": "a budget"}, config={"callbacks": [BudgetCallback(run)]})


def ainvoked(run: Run) -> object:
    return asyncio.run(chat().ainvoke("What is it?", config={"callbacks": [BudgetCallback(run)]}))


def by_responses(run: Run) -> object:
    own = chat(use_responses_api=True)
    return own.invoke("What is it?", config={"callbacks": [BudgetCallback(run)]})


class State(TypedDict):
    text: str


def graph(run: Run) -> object:
    def node(state: State) -> State:
        return {"text": str(chat().invoke(state["text"]).content)}

    builder = StateGraph(State)
    builder.add_node("ask", node)
    builder.add_edge(START, "ask")
    builder.add_edge("ask", END)
    config: Any = {"callbacks": [BudgetCallback(run)]}
    return builder.compile().invoke({"text": "What is it?"}, config=config)


CALLS = [invoked, ainvoked, by_responses, graph]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_books_0_006_usd_by_its_usage(ledger: Ledger, models: Models, call: Any) -> None:
    with ledger.run() as run:
        assert call(run)
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_raised_out_of_invoke(ledger: Ledger, refused: Any, call: Any) -> None:
    with ledger.run() as run:
        refused(lambda: call(run))


@pytest.mark.parametrize(("status", "booked"), [(500, 1), (400, 0)])
def test_a_failed_call_is_booked_unless_the_provider_refused_it(
    ledger: Ledger, models: Models, status: int, booked: int
) -> None:
    models.status = status
    with ledger.run() as run, pytest.raises(Exception, match="no"):
        invoked(run)
    assert (models.attempts, ledger.held, len(ledger.costs)) == (1, "0", booked)


def streamed(run: Run) -> None:
    for _ in chat().stream("What is it?", config={"callbacks": [BudgetCallback(run)]}):
        pass


def astreamed(run: Run) -> None:
    async def read() -> None:
        config: Any = {"callbacks": [BudgetCallback(run)]}
        async for _ in chat().astream("What is it?", config=config):
            pass

    asyncio.run(read())


@pytest.mark.parametrize("read", [streamed, astreamed])
@pytest.mark.parametrize("cut", range(6))
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, read: Any, cut: int
) -> None:
    models.cut_at = cut
    with ledger.run() as run, may_break(only_if=cut <= 4):
        read(run)
    booked_or_estimated(ledger, COST, whole=cut >= 5)


def test_a_reader_that_leaves_a_stream_is_booked_at_the_estimate(
    ledger: Ledger, models: Models
) -> None:
    with ledger.run() as run:
        stream = chat().stream("What is it?", config={"callbacks": [BudgetCallback(run)]})
        next(stream)
        stream.close()
    booked_once(ledger, COST, whole=False)


def test_a_model_without_a_limit_is_an_error_that_says_so(ledger: Ledger, models: Models) -> None:
    callback = BudgetCallback(ledger.run())
    with pytest.raises(ValueError, match="set max_tokens"):
        chat(max_tokens=None).invoke("What is it?", config={"callbacks": [callback]})
    assert models.attempts == 0
    estimated = BudgetCallback(ledger.run(), max_tokens=800)
    chat(max_tokens=None).invoke("What is it?", config={"callbacks": [estimated]})
    assert ledger.costs == [COST]


def test_completions_of_texts_are_guarded(ledger: Ledger, refused: Any) -> None:
    model = OpenAI(model="gpt-3.5-turbo-instruct", max_tokens=800, max_retries=0)
    callback = BudgetCallback(ledger.run())
    refused(lambda: model.invoke("What is it?", config={"callbacks": [callback]}))
