"""Guards the clients of OpenAI and Anthropic.

Both are made by one generator, so that every call of a model passes the client's `request`: also
`parse`, `stream`, raw responses, and what frameworks call. A copy of a guarded client is guarded.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from budget_monitor_client.aio import AsyncCall
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.integrations.terms import Terms, first
from budget_monitor_client.values import plain

C = TypeVar("C")


@dataclass(frozen=True)
class Limits:
    """The limits of output that a path takes; the first is the one to send."""

    names: tuple[str, ...]
    counts_streams: bool = False
    """True: a stream says its usage only if `stream_options` asks for it."""


Paths = Mapping[str, Limits]


@dataclass(frozen=True)
class Asked:
    """A request that is to be guarded: its call, what is sent, and which chunk nobody asked for."""

    options: Any
    model: str
    content: Mapping[str, Any]
    max_tokens: int
    answers: int
    streams: bool
    hides_usage: bool

    def of(self, terms: Terms) -> Call:
        """Return its call."""
        most, answers = self.max_tokens, self.answers
        return terms.call(self.model, self.content, max_tokens=most, answers=answers)


def guard_client(client: C, terms: Terms, paths: Paths) -> C:
    """Return a copy of the client that holds money before each call and books its cost after it.

    The copy does not retry by itself: an attempt that timed out may be billed, and only the last
    one says its usage.
    """
    guarded: Any = client.with_options(max_retries=0)  # type: ignore[attr-defined]
    of = type(guarded)
    request = _arequest if inspect.iscoroutinefunction(of.request) else _request
    own = {"terms": terms, "paths": paths, "send_unguarded": of.request, "request": request}
    guarded.__class__ = type(f"Guarded{of.__name__}", (of,), own)  # copies of it are guarded, too
    return guarded  # type: ignore[no-any-return] # it is of a class below C


def _request(self: Any, cast_to: Any, options: Any, **kinds: Any) -> Any:  # noqa: ANN401 - the SDK's
    """Send the request; a call of a model is guarded."""
    asked = _asked(options, self.terms, self.paths, streams=bool(kinds.get("stream")))
    if asked is None:
        return self.send_unguarded(cast_to, options, **kinds)
    call = asked.of(self.terms)
    call.__enter__()
    try:
        response = self.send_unguarded(cast_to, asked.options, **kinds)
        return _received(call, response, asked)
    except BaseException as error:
        call.end(error)
        raise


async def _arequest(self: Any, cast_to: Any, options: Any, **kinds: Any) -> Any:  # noqa: ANN401
    """As `_request`."""
    asked = _asked(options, self.terms, self.paths, streams=bool(kinds.get("stream")))
    if asked is None:
        return await self.send_unguarded(cast_to, options, **kinds)
    call = AsyncCall(asked.of(self.terms))
    await call.__aenter__()
    try:
        response = await self.send_unguarded(cast_to, asked.options, **kinds)
        return await _areceived(call, response, asked)
    except BaseException as error:
        await call.__aexit__(type(error), error, None)
        raise


def _asked(options: Any, terms: Terms, paths: Paths, *, streams: bool) -> Asked | None:  # noqa: ANN401
    """What the request asks of a model, with the limit of the terms if it has none of its own.

    None for requests that call no model.
    """
    path = str(options.url).split("?")[0]
    limits = next((one for end, one in paths.items() if path.endswith(end)), None)
    if limits is None or options.method.lower() != "post":
        return None
    body = _given({**(options.json_data or {}), **(options.extra_json or {})})
    most = first(body, *limits.names) if limits.names else 0
    own: dict[str, Any] = {}
    if most is None:
        most = own[limits.names[0]] = terms.max_tokens
    hides_usage = streams and limits.counts_streams and not body.get("stream_options")
    if hides_usage:
        own["stream_options"] = {"include_usage": True}
    if own:
        options = copy.copy(options)
        options.json_data = {**(options.json_data or {}), **own}
    content = {name: one for name, one in body.items() if name != "model"}
    answers = body.get("n") or 1
    return Asked(options, str(body["model"]), content, most, answers, streams, hides_usage)


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without what the caller left out."""
    left_out = {"NotGiven", "Omit"}
    given = {name: one for name, one in body.items() if type(one).__name__ not in left_out}
    found: dict[str, Any] = plain(given)
    return found


def _received(call: Call, response: Any, asked: Asked) -> Any:  # noqa: ANN401
    if not hasattr(response, "http_response"):
        return _watched(call, response, asked) if asked.streams else call.done(response)
    if not asked.streams and response.http_response.is_stream_consumed:
        call.done(response.http_response.json())
        return response
    parse = response.parse

    @functools.cache
    def parsed(**kinds: Any) -> Any:  # noqa: ANN401
        found = parse(**kinds)
        return _watched(call, found, asked) if asked.streams else call.done(found)

    response.parse = parsed
    return response


def _watched(call: Call, stream: Any, asked: Asked) -> Any:  # noqa: ANN401
    """The stream, whose chunks settle the call, and whose closing ends it."""
    chunks = call.stream(stream._iterator)  # noqa: SLF001 - what it iterates over
    close = stream.close

    def shown() -> Iterator[Any]:
        for chunk in chunks:
            if not (asked.hides_usage and _has_usage_alone(chunk)):
                yield chunk

    def closed() -> None:
        try:
            close()
        finally:
            call.end(None)

    stream._iterator, stream.close = shown(), closed  # noqa: SLF001
    return stream


async def _areceived(call: AsyncCall, response: Any, asked: Asked) -> Any:  # noqa: ANN401
    if not hasattr(response, "http_response"):
        return _awatched(call, response, asked) if asked.streams else await call.done(response)
    if not asked.streams and response.http_response.is_stream_consumed:
        await call.done(response.http_response.json())
        return response
    parse = response.parse

    async def awaited(found: Any) -> Any:  # noqa: ANN401
        return (
            _awatched(call, await found, asked) if asked.streams else await call.done(await found)
        )

    @functools.cache
    def parsed(**kinds: Any) -> Any:  # noqa: ANN401
        found = parse(**kinds)
        if inspect.isawaitable(found):
            return asyncio.ensure_future(awaited(found))
        return _awatched(call, found, asked)

    response.parse = parsed
    return response


def _awatched(call: AsyncCall, stream: Any, asked: Asked) -> Any:  # noqa: ANN401
    """As `_watched`."""
    chunks = call.stream(stream._iterator)  # noqa: SLF001
    close = stream.close

    async def shown() -> AsyncIterator[Any]:
        try:
            async for chunk in chunks:
                if not (asked.hides_usage and _has_usage_alone(chunk)):
                    yield chunk
        finally:
            await chunks.aclose()  # type: ignore[attr-defined] # it is a generator

    async def closed() -> None:
        try:
            await close()
        finally:
            await call.__aexit__(None, None, None)

    stream._iterator, stream.close = shown(), closed  # noqa: SLF001
    return stream


def _has_usage_alone(chunk: Any) -> bool:  # noqa: ANN401
    """True for the chunk that is only sent because the guard asked for the usage."""
    return getattr(chunk, "choices", None) == [] and getattr(chunk, "usage", None) is not None
