"""Chunks of LiteLLM's streams: an empty choice stands beside the usage that comes last."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any


def ends(chunk: Any) -> bool:  # noqa: ANN401
    """True for the chunk that says why the model stopped."""
    return any(one.finish_reason for one in getattr(chunk, "choices", None) or [])


def has_usage_alone(chunk: Any) -> bool:  # noqa: ANN401
    """True for a chunk that says the usage and nothing that a model wrote."""
    written = ("content", "tool_calls", "function_call", "reasoning_content", "audio")
    choices = getattr(chunk, "choices", None) or []
    has_text = any(getattr(one.delta, name, None) for one in choices for name in written)
    return getattr(chunk, "usage", None) is not None and not has_text and not ends(chunk)


def as_openai(chunks: Iterable[Any]) -> Iterator[Any]:
    """Pass the chunks on. The one with the usage has no choice, as OpenAI sends it."""
    has_ended = False
    for chunk in chunks:
        has_ended = _without_choice(chunk, has_ended=has_ended)
        yield chunk


async def as_openai_async(chunks: AsyncIterable[Any]) -> AsyncIterator[Any]:
    """As `as_openai`."""
    has_ended = False
    async for chunk in chunks:
        has_ended = _without_choice(chunk, has_ended=has_ended)
        yield chunk


def _without_choice(chunk: Any, *, has_ended: bool) -> bool:  # noqa: ANN401
    if has_ended and has_usage_alone(chunk):
        chunk.choices = []
    return has_ended or ends(chunk)
