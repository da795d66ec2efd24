"""An MCP server in front of another one, which holds a price for each call of a tool.

Before a call its price is held; after it the price is booked. A refusal is an error result of the
tool, which the model can read. Lists, resources and prompts pass through.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp import Client, MCPError
from mcp.server import Server, ServerRequestContext

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.errors import BudgetMonitorError, RefusedError

ANY_TOOL = "*"
"""Its price is that of tools without one of their own."""
MAX_TAGS = 10
_NOT_RUN = {types.METHOD_NOT_FOUND, types.INVALID_PARAMS, types.INVALID_REQUEST}
"""Errors by which a server refuses a call before the tool runs."""
_Context = ServerRequestContext[Any, Any]
_Result = types.CallToolResult | types.InputRequiredResult
_log = logging.getLogger("budget_monitor_client")


@dataclass
class _Attempt:
    """Progress of a call of a tool."""

    is_called: bool = False
    result: _Result | None = None


@dataclass(frozen=True)
class Guard:
    """The tools of another server, with a price for each call."""

    upstream: Client
    run: AsyncRun
    prices: Mapping[str, str]
    tags: tuple[str, ...] = ()

    def server(self) -> Server[Any]:
        """Return the server: it has the name and the capabilities of the one behind it."""
        has, info = self.upstream.server_capabilities, self.upstream.server_info
        handlers: dict[str, Any] = {}
        if has.tools:
            handlers |= {"on_list_tools": self._list_tools, "on_call_tool": self._call_tool}
        if has.resources:
            handlers |= {
                "on_list_resources": self._list_resources,
                "on_list_resource_templates": self._list_templates,
                "on_read_resource": self._read_resource,
            }
        if has.prompts:
            handlers |= {
                "on_list_prompts": self._list_prompts,
                "on_get_prompt": self._get_prompt,
            }
        named = info.name if info else "guarded"
        return Server(named, instructions=self.upstream.instructions, **handlers)

    async def _call_tool(self, context: _Context, params: types.CallToolRequestParams) -> _Result:
        price = self.prices.get(params.name, self.prices.get(ANY_TOOL))
        if price is None:
            return await self._pass_on(context, params)
        attempt = _Attempt()
        try:
            return await self._priced(context, params, price, attempt)
        except RefusedError as refusal:
            return _refused(params.name, refusal)
        except BudgetMonitorError as error:
            if attempt.result is None:
                return _unheld(params.name, error, attempt)
            _log.exception("%s was called, and its price of %s is not booked", params.name, price)
            return attempt.result

    async def _priced(
        self,
        context: _Context,
        params: types.CallToolRequestParams,
        price: str,
        attempt: _Attempt,
    ) -> _Result:
        """Hold the price, call the tool, book the price. An exception settles at the price."""
        tags = [*self.tags[: MAX_TAGS - 1], f"tool:{params.name}"]
        sent = [params.name, params.arguments]
        async with self.run.call(estimated_cost_usd=price, input=sent, tags=tags) as call:
            attempt.is_called = True
            try:
                result = attempt.result = await self._pass_on(context, params)
            except MCPError as error:
                if error.code in _NOT_RUN:
                    await call.release()
                raise
            if isinstance(result, types.InputRequiredResult):
                await call.release()  # the tool waits for an answer, and is called again with it
            else:
                await call.done(cost_usd=price)
        return result

    async def _pass_on(self, context: _Context, params: types.CallToolRequestParams) -> _Result:
        return await self.upstream.session.call_tool(
            params.name,
            params.arguments,
            progress_callback=context.session.report_progress,
            input_responses=params.input_responses,
            request_state=params.request_state,
            allow_input_required=True,
        )

    async def _list_tools(
        self, context: _Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        del context
        return await self.upstream.session.list_tools(params=_page(params))

    async def _list_resources(
        self, context: _Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        del context
        return await self.upstream.session.list_resources(params=_page(params))

    async def _list_templates(
        self, context: _Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        del context
        return await self.upstream.session.list_resource_templates(params=_page(params))

    async def _read_resource(
        self, context: _Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        del context
        return await self.upstream.session.read_resource(str(params.uri))

    async def _list_prompts(
        self, context: _Context, params: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        del context
        return await self.upstream.session.list_prompts(params=_page(params))

    async def _get_prompt(
        self, context: _Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        del context
        return await self.upstream.session.get_prompt(params.name, params.arguments)


def _page(params: types.PaginatedRequestParams | None) -> types.PaginatedRequestParams | None:
    """The cursor alone: what else a request carries is between its client and this server."""
    return types.PaginatedRequestParams(cursor=params.cursor) if params else None


def _refused(tool: str, refusal: RefusedError) -> types.CallToolResult:
    words = (
        f"{tool} was not called: {refusal}. Do not call it again before the budget has more; "
        "ask people for more, or go on without it."
    )
    said = {"called": False, "error": "REFUSED", "reason_code": refusal.reason_code}
    return _failed(words, said)


def _unheld(tool: str, error: BudgetMonitorError, attempt: _Attempt) -> types.CallToolResult:
    code = error.code or type(error).__name__
    how = "has failed, and its price is not booked" if attempt.is_called else "was not called"
    said = {"called": attempt.is_called, "error": code}
    return _failed(f"{tool} {how}: {code}: {error}", said)


def _failed(words: str, said: dict[str, Any]) -> types.CallToolResult:
    text = types.TextContent(type="text", text=words)
    return types.CallToolResult(content=[text], structured_content=said, is_error=True)
