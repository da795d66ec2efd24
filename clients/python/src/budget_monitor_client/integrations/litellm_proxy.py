"""LiteLLM's proxy: a callback that holds before each call and books after it, and keys by tenant.

Make one in a file beside the proxy's `config.yaml`, and name it there under `callbacks`; see
`examples/litellm_proxy`.
"""

# mypy: disallow-subclassing-any=False
from __future__ import annotations

import asyncio
import functools
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import HTTPException, Request
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth

from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.errors import BudgetMonitorError, RefusedError, UnavailableError
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.integrations.litellm_chunks import ends, has_usage_alone
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, first

_log = logging.getLogger("budget_monitor_client")
LIMITS = {
    "completion": ("max_completion_tokens", "max_tokens"),
    "text_completion": ("max_tokens",),
    "responses": ("max_output_tokens",),
    "anthropic_messages": ("max_tokens",),
    "embedding": (),
    "embeddings": (),
}
"""Calls that are guarded, and where each names its limit of output; the first is sent."""
_SENT = ("messages", "input", "prompt", "instructions", "system", "tools", "response_format")
_REFUSED, _NOT_GUARDED, _UNAVAILABLE = 403, 403, 503
_UNAUTHORIZED = 401
Who = tuple[str, "str | None"]
"""A tenant, and for whom it is called."""


@dataclass
class Opened:
    """A call that is under way."""

    call: Call
    hides_usage: bool
    """True: the client did not ask for the chunk with the usage."""
    is_taken: bool = False
    """True: a hook ends the call."""


def who_of(key: UserAPIKeyAuth) -> Who:
    """Read tenant and user from a key's metadata (`budget_tenant`, `budget_user`).

    Without it the key's team is the tenant, and its user the user. Raises LookupError.
    """
    metadata = {**(key.team_metadata or {}), **(key.metadata or {})}
    tenant_id = metadata.get("budget_tenant") or key.team_id
    if not tenant_id:
        raise LookupError("the key names no budget_tenant, and has no team")
    return str(tenant_id), metadata.get("budget_user") or key.end_user_id or key.user_id


class BudgetProxyCallback(CustomLogger):
    """Guards every call of a model that passes the proxy.

    A refusal is a 403 with the decision, which clients do not retry. A kind of call that is not
    guarded is a 403, too. `max_tokens` is sent with calls that name no limit. Set `num_retries: 0`
    and no fallbacks in the proxy: an attempt that timed out may be billed.
    """

    def __init__(
        self,
        budget: BudgetMonitor,
        *,
        max_tokens: int = DEFAULT_MAX_TOKENS,
        count: Count = most_tokens,
        who: Callable[[UserAPIKeyAuth], Who] = who_of,
    ) -> None:
        super().__init__()
        self._budget, self._max_tokens, self._count, self._who = budget, max_tokens, count, who
        self._open: dict[str, Opened] = {}

    async def async_pre_call_hook(
        self,
        user_api_key_dict: UserAPIKeyAuth,
        cache: Any,  # noqa: ANN401 - litellm's
        data: dict[str, Any],
        call_type: str,
    ) -> dict[str, Any]:
        """Hold the money of a call. Raises HTTPException 403 if a budget refuses."""
        del cache
        kind = call_type if call_type in LIMITS else call_type.removeprefix("a")
        if kind not in LIMITS:
            if "model" in data:
                raise _error(_NOT_GUARDED, "NOT_GUARDED", f"{call_type} is not guarded")
            return data
        call_id = str(data["litellm_call_id"])
        if call_id in self._open:  # the client may name it
            raise _error(_REFUSED, "CONFLICT", "a call with this x-litellm-call-id is under way")
        opened = self._open[call_id] = self._opened(user_api_key_dict, data, kind)
        try:
            await asyncio.shield(asyncio.to_thread(opened.call.__enter__))
        except BudgetMonitorError as error:
            del self._open[call_id]
            raise _refusal(error) from error
        _watch_task(opened, functools.partial(self._open.pop, call_id, None))
        return data

    def _opened(self, key: UserAPIKeyAuth, data: dict[str, Any], kind: str) -> Opened:
        try:
            tenant_id, user = self._who(key)
            most = first(data, *LIMITS[kind]) if LIMITS[kind] else 0
            if most is None:
                most = data[LIMITS[kind][0]] = self._max_tokens
            hides = kind == "completion" and bool(data.get("stream"))
            hides = hides and not data.get("stream_options")
            if hides:
                data["stream_options"] = {"include_usage": True}
            said: Mapping[str, Any] = data.get("metadata") or {}
            run = self._budget.run(
                tenant_id, run_id=said.get("run_id"), agent=said.get("agent"), user=user
            )
            sent = {name: data[name] for name in _SENT if data.get(name) is not None}
            terms = Terms(run, count=self._count)
            model, answers = _routed(data["model"]), data.get("n") or 1
            call = terms.call(model, sent, max_tokens=most, answers=answers)
        except (LookupError, ValueError) as error:
            raise _error(_REFUSED, "VALIDATION_ERROR", str(error)) from error
        return Opened(call, hides_usage=hides)

    async def async_post_call_success_hook(
        self,
        data: dict[str, Any],
        user_api_key_dict: UserAPIKeyAuth,
        response: Any,  # noqa: ANN401 - litellm's
    ) -> Any:  # noqa: ANN401
        """Book the cost of an answer in one piece."""
        del user_api_key_dict
        opened = self._taken(data)
        if opened is not None:
            await _finished(opened.call.done, response)
        return response

    async def async_post_call_streaming_iterator_hook(
        self,
        user_api_key_dict: UserAPIKeyAuth,
        response: Any,  # noqa: ANN401
        request_data: dict[str, Any],
    ) -> AsyncIterator[Any]:
        """Pass a stream on, and book its usage; a stream that is cut is booked at its estimate."""
        del user_api_key_dict
        opened = self._taken(request_data)
        if opened is None:
            async for chunk in response:
                yield chunk
            return
        usage, has_ended = opened.call.watch(), False
        try:
            async for chunk in response:
                # LiteLLM puts an empty choice beside the usage that comes after the end.
                is_last = has_ended and has_usage_alone(chunk)
                has_ended = has_ended or ends(chunk)
                for event in _events({"choices": [], "usage": chunk.usage} if is_last else chunk):
                    usage.read(event)
                if not (opened.hides_usage and is_last):
                    yield chunk
        finally:
            await _finished(opened.call.end, None)

    async def async_post_call_failure_hook(
        self,
        request_data: dict[str, Any],
        original_exception: Exception,
        user_api_key_dict: UserAPIKeyAuth,
        traceback_str: str | None = None,
    ) -> None:
        """End a call that failed: released if the provider refused it, else at its estimate."""
        del user_api_key_dict, traceback_str
        opened = self._taken(request_data)
        if opened is not None:
            await _finished(opened.call.end, original_exception)

    def _taken(self, data: Mapping[str, Any]) -> Opened | None:
        opened = self._open.pop(str(data.get("litellm_call_id")), None)
        if opened is not None:
            opened.is_taken = True
        return opened


def key_auth(path: str) -> Callable[[Request, str], Awaitable[UserAPIKeyAuth]]:
    """Return a `custom_auth` for a proxy without a database, which has keys in a JSON file.

    The file maps the SHA-256 of each key to its `tenant_id` and `user`.
    """
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a path as it stands in the setting
        keys: dict[str, dict[str, str]] = json.load(file)

    async def authenticate(request: Request, api_key: str) -> UserAPIKeyAuth:
        del request
        digest = sha256(api_key.removeprefix("Bearer ").encode()).hexdigest()
        if digest not in keys:
            raise _error(_UNAUTHORIZED, "UNAUTHORIZED", "the key is unknown")
        own = keys[digest]
        metadata = {"budget_tenant": own["tenant_id"], "budget_user": own.get("user")}
        return UserAPIKeyAuth(api_key=digest, metadata=metadata, user_id=own.get("user"))

    return authenticate


def _routed(alias: str) -> str:
    """The model behind a name of the proxy's `model_list`, by which the call is priced."""
    from litellm.proxy import proxy_server  # noqa: PLC0415 - it is loaded after callbacks are

    router = proxy_server.llm_router
    found = router.get_model_list(model_name=alias) if router else None
    return str(found[0]["litellm_params"]["model"]) if found else alias


def _watch_task(opened: Opened, forget: Callable[[], object]) -> None:
    """End the call at its estimate if its request ends before any other hook took it.

    A client that leaves cancels the request, and then LiteLLM calls no hook.
    """

    def ended(task: asyncio.Task[Any]) -> None:
        del task
        if not opened.is_taken:
            forget()
            asyncio.get_running_loop().run_in_executor(None, opened.call.end, None)

    task = asyncio.current_task()
    if task is not None:
        task.add_done_callback(ended)


async def _finished(function: Callable[..., Any], *arguments: Any) -> None:
    """Run it in a thread, to its end even if the request is cancelled. Errors are logged.

    What the model wrote is not withheld because its cost could not be booked now.
    """
    try:
        await asyncio.shield(asyncio.to_thread(function, *arguments))
    except BudgetMonitorError:
        _log.exception("the end of a call was not delivered")


def _refusal(error: BudgetMonitorError) -> HTTPException:
    if isinstance(error, RefusedError):
        return _error(_REFUSED, error.reason_code, str(error), decision=error.decision)
    status = _UNAVAILABLE if isinstance(error, UnavailableError) else _REFUSED
    return _error(status, error.code or "ERROR", str(error))


def _error(status: int, code: str, message: str, **more: Any) -> HTTPException:
    detail = {"message": message, "reason_code": code, **more}
    return HTTPException(status, detail, headers={"x-should-retry": "false"})


def _events(chunk: Any) -> Iterator[Any]:  # noqa: ANN401 - litellm's
    """The events of a chunk: itself, or those in the lines of a stream that is passed as it is."""
    if not isinstance(chunk, (str, bytes)):
        yield chunk
        return
    text = chunk.decode(errors="replace") if isinstance(chunk, bytes) else chunk
    for line in text.splitlines():
        if line.startswith("data:") and line[5:].strip().startswith("{"):
            try:
                yield json.loads(line[5:])
            except ValueError:
                _log.info("a line of a stream is no whole event")
