"""Stands for a provider's client, so that the examples cost nothing."""

from collections.abc import Iterator
from typing import Any

USAGE = {"prompt_tokens": 1200, "completion_tokens": 300}


def ask(messages: list[Any]) -> dict[str, Any]:
    """Answer at once: 0.006 USD at the price of gpt-4o."""
    content = f"Step {len(messages)} is done; there is always more to find out."
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    return {"model": "gpt-4o", "choices": [choice], "usage": USAGE}


def stream(cut_after: int | None = None) -> Iterator[dict[str, Any]]:
    """Stream an answer, whose connection may break after some chunks."""
    words = ["A ", "budget ", "is ", "a ", "limit."]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": word}, "finish_reason": None}]} for word in words
    ]
    chunks += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}]
    chunks += [{"choices": [], "usage": USAGE}]
    for number, chunk in enumerate(chunks):
        if number == cut_after:
            raise ConnectionError("the connection broke")
        yield chunk
