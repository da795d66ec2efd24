"""The asynchronous client: the synchronous one in threads, so that both do the same."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from decimal import Decimal
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.run_holds import RunHold
from budget_monitor_client.guard.runs import Run, with_input
from budget_monitor_client.operations import Operations
from budget_monitor_client.transports.tokens import Token
from budget_monitor_client.values import Amount, Answer, Fields

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


async def _thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run it in a thread. A cancelled task does not stop it half-way."""
    return await asyncio.shield(asyncio.to_thread(function, *args, **kwargs))


async def _entered(enter: Callable[[], Any], give_back: Callable[[], None]) -> None:
    """Hold money in a thread. A task that is cancelled meanwhile gives it back."""
    opening = asyncio.ensure_future(asyncio.to_thread(enter))
    try:
        await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait([opening])
        if not opening.cancelled() and opening.exception() is None:
            await _thread(give_back)
        raise


def _as(
    of: Callable[Concatenate[Any, P], Any],
) -> Callable[[Callable[Concatenate[S, ...], T]], Callable[Concatenate[S, P], T]]:
    """Give a method the parameters of another one."""

    def decorate(function: Callable[Concatenate[S, ...], T]) -> Callable[Concatenate[S, P], T]:
        return functools.wraps(of, assigned=())(function)

    return decorate


class AsyncCall:
    """As Call, for `async with`."""

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def reservation_id(self) -> str:
        """The id of the hold."""
        return self._call.reservation_id

    @property
    def decision(self) -> Answer | None:
        """As Call.decision."""
        return self._call.decision

    @property
    def entry(self) -> dict[str, Any] | None:
        """As Call.entry."""
        return self._call.entry

    async def __aenter__(self) -> AsyncCall:
        """Hold the money. A task that is cancelled meanwhile gives it back."""
        await _entered(self._call.__enter__, self._call.release)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Settle or release what the body left open."""
        await _thread(self._call.end, error)

    async def sending(self) -> None:
        """As Call.sending."""
        await _thread(self._call.sending)

    async def done(
        self,
        response: T = None,  # type: ignore[assignment] # a call may be settled by usage alone
        *,
        usage: dict[str, Any] | None = None,
        cost_usd: Amount | None = None,
    ) -> T:
        """As Call.done."""
        return await _thread(self._call.done, response, usage=usage, cost_usd=cost_usd)

    async def release(self) -> None:
        """As Call.release."""
        await _thread(self._call.release)

    async def extend(self, seconds: int) -> None:
        """As Call.extend."""
        await _thread(self._call.extend, seconds)

    async def stream(self, chunks: AsyncIterable[T]) -> AsyncIterator[T]:
        """As Call.stream."""
        usage = await _thread(self._call.watch)
        try:
            async for chunk in chunks:
                usage.read(chunk)
                yield chunk
        finally:
            await _thread(self._call.end, None)


class AsyncRunHold:
    """As RunHold, for `async with`."""

    def __init__(self, held: RunHold) -> None:
        self._held = held

    @property
    def reservation_id(self) -> str:
        """The id of the hold."""
        return self._held.reservation_id

    @property
    def decision(self) -> Answer | None:
        """As RunHold.decision."""
        return self._held.decision

    @property
    def left_usd(self) -> Decimal:
        """As RunHold.left_usd."""
        return self._held.left_usd

    async def __aenter__(self) -> AsyncRunHold:
        """Hold the money. A task that is cancelled meanwhile gives it back."""
        await _entered(
            self._held.__enter__, functools.partial(self._held.__exit__, None, None, None)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the calls that still draw on it, and release the rest."""
        await _thread(self._held.__exit__, kind, error, traceback)

    async def extend(self, seconds: int) -> None:
        """As RunHold.extend."""
        await _thread(self._held.extend, seconds)


class AsyncRun:
    """As Run, for `async with`."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @property
    def run_id(self) -> str:
        """The id of the agent execution."""
        return self._run.run_id

    @property
    def synchronous(self) -> Run:
        """The run itself, on top of which this one stands."""
        return self._run

    async def __aenter__(self) -> AsyncRun:
        """Return the run."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the calls that are still open."""
        await _thread(self._run.__exit__, kind, error, traceback)

    @_as(Run.call)
    def call(self, **terms: Any) -> AsyncCall:
        """As Run.call, for `async with`."""
        return AsyncCall(self._run.call(**terms))

    @_as(Run.hold)
    def hold(self, usd: Amount, **terms: Any) -> AsyncRunHold:
        """As Run.hold, for `async with`."""
        return AsyncRunHold(self._run.hold(usd, **terms))

    def guard(self, **terms: Any) -> Callable[[F], F]:
        """As Run.guard, for an async function."""

        def decorate(function: F) -> F:
            @functools.wraps(function)
            async def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - its own
                async with self.call(**with_input(terms, args, kwargs)) as call:
                    return await call.done(await function(*args, **kwargs))

            return guarded  # type: ignore[return-value] # it has the function's signature

        return decorate


class AsyncBudgetMonitor(Operations[Awaitable[Answer]]):
    """As BudgetMonitor, on top of which it stands; each operation is awaited.

    Making a client with a journal delivers what waits there, so make it before the loop runs.
    """

    def __init__(self, client: BudgetMonitor) -> None:
        self._client = client

    @classmethod
    def http(
        cls, url: str, *, token: Token | None = None, region: str | None = None, **options: Any
    ) -> AsyncBudgetMonitor:
        """As BudgetMonitor.http. A `token` function runs in a thread and is no coroutine."""
        return cls(BudgetMonitor.http(url, token=token, region=region, **options))

    @classmethod
    def from_environment(cls, **options: Any) -> AsyncBudgetMonitor:
        """As BudgetMonitor.from_environment."""
        return cls(BudgetMonitor.from_environment(**options))

    @classmethod
    def direct(cls, functions: Any = None, **options: Any) -> AsyncBudgetMonitor:  # noqa: ANN401
        """As BudgetMonitor.direct."""
        return cls(BudgetMonitor.direct(functions, **options))

    def send(self, operation: str, fields: Fields) -> Awaitable[Answer]:
        """Send the operation with these fields when awaited."""
        return _thread(self._client.send, operation, fields)

    @_as(BudgetMonitor.run)
    def run(self, tenant_id: str, **labels: Any) -> AsyncRun:
        """As BudgetMonitor.run, for `async with`."""
        return AsyncRun(self._client.run(tenant_id, **labels))

    async def flush(self) -> int:
        """As BudgetMonitor.flush."""
        return await _thread(self._client.flush)

    async def close(self) -> None:
        """As BudgetMonitor.close."""
        await _thread(self._client.close)

    async def __aenter__(self) -> AsyncBudgetMonitor:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.close()
