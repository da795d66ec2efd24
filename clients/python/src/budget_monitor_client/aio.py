"""The asynchronous client: the synchronous one in threads, so that both do the same."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine
from decimal import Decimal
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

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


def _awaited(
    of: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Return the synchronous method for `await`: the same parameters and words, in a thread."""

    @functools.wraps(of)
    async def method(self: _InThreads[Any], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await _thread(getattr(self.synchronous, of.__name__), *args, **kwargs)

    return method


class _InThreads(Generic[S]):
    """An object of the synchronous client for `async with`; `synchronous` is that object."""

    def __init__(self, synchronous: S) -> None:
        self.synchronous = synchronous


class AsyncCall(_InThreads[Call]):
    """As Call, for `async with`."""

    sending = _awaited(Call.sending)
    done = _awaited(Call.done)
    release = _awaited(Call.release)
    extend = _awaited(Call.extend)

    @property
    def reservation_id(self) -> str:
        """The id of the hold."""
        return self.synchronous.reservation_id

    @property
    def decision(self) -> Answer | None:
        """As Call.decision."""
        return self.synchronous.decision

    @property
    def entry(self) -> dict[str, Any] | None:
        """As Call.entry."""
        return self.synchronous.entry

    async def __aenter__(self) -> AsyncCall:
        """Hold the money. A task that is cancelled meanwhile gives it back."""
        await _entered(self.synchronous.__enter__, self.synchronous.release)
        return self

    __aexit__ = _awaited(Call.__exit__)

    async def stream(self, chunks: AsyncIterable[T]) -> AsyncIterator[T]:
        """As Call.stream."""
        usage = await _thread(self.synchronous.watch)
        try:
            async for chunk in chunks:
                usage.read(chunk)
                yield chunk
        finally:
            await _thread(self.synchronous.end, None)


class AsyncRunHold(_InThreads[RunHold]):
    """As RunHold, for `async with`."""

    extend = _awaited(RunHold.extend)

    @property
    def reservation_id(self) -> str:
        """The id of the hold."""
        return self.synchronous.reservation_id

    @property
    def decision(self) -> Answer | None:
        """As RunHold.decision."""
        return self.synchronous.decision

    @property
    def left_usd(self) -> Decimal:
        """As RunHold.left_usd."""
        return self.synchronous.left_usd

    async def __aenter__(self) -> AsyncRunHold:
        """Hold the money. A task that is cancelled meanwhile gives it back."""
        held = self.synchronous
        await _entered(held.__enter__, functools.partial(held.__exit__, None, None, None))
        return self

    __aexit__ = _awaited(RunHold.__exit__)


class AsyncRun(_InThreads[Run]):
    """As Run, for `async with`."""

    @property
    def run_id(self) -> str:
        """The id of the agent execution."""
        return self.synchronous.run_id

    async def __aenter__(self) -> AsyncRun:
        """Return the run."""
        return self

    __aexit__ = _awaited(Run.__exit__)

    @_as(Run.call)
    def call(self, **terms: Any) -> AsyncCall:
        """As Run.call, for `async with`."""
        return AsyncCall(self.synchronous.call(**terms))

    @_as(Run.hold)
    def hold(self, usd: Amount, **terms: Any) -> AsyncRunHold:
        """As Run.hold, for `async with`."""
        return AsyncRunHold(self.synchronous.hold(usd, **terms))

    def guard(self, **terms: Any) -> Callable[[F], F]:
        """As Run.guard, for an async function."""

        def decorate(function: F) -> F:
            @functools.wraps(function)
            async def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - its own
                async with self.call(**with_input(terms, args, kwargs)) as call:
                    return await call.done(await function(*args, **kwargs))

            return guarded  # type: ignore[return-value] # it has the function's signature

        return decorate


class AsyncBudgetMonitor(_InThreads[BudgetMonitor], Operations[Awaitable[Answer]]):
    """As BudgetMonitor, on top of which it stands; each operation is awaited.

    Making a client with a journal delivers what waits there, so make it before the loop runs.
    """

    def __init__(self, client: BudgetMonitor) -> None:
        super().__init__(client)

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
        return _thread(self.synchronous.send, operation, fields)

    @_as(BudgetMonitor.run)
    def run(self, tenant_id: str, **labels: Any) -> AsyncRun:
        """As BudgetMonitor.run, for `async with`."""
        return AsyncRun(self.synchronous.run(tenant_id, **labels))

    async def __aenter__(self) -> AsyncBudgetMonitor:
        """Return the client."""
        return self

    flush = _awaited(BudgetMonitor.flush)
    close = _awaited(BudgetMonitor.close)
    __aexit__ = _awaited(BudgetMonitor.__exit__)
