"""`make top`: a live table of what the running stack spends, holds and refuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from local.api import Api

ROWS, EVERY_SECONDS = 15, 2.0
REFUSING = {"blocked", "workflow_paused", "limit_exceeded"}
"""Alerts about something that is refused from then on."""
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Frame:
    """What the table shows: the system's month, its largest tenants, and who refuses what."""

    at: datetime
    system: dict[str, Any]
    refusals: dict[str, str]
    """The latest refusal of each tenant that is shown, in words."""


def read(api: Api) -> Frame:
    """One look: a request for the system, and one for the alerts of each tenant that is shown."""
    system = api.get("/system/usage", limit=str(ROWS))
    refusals = {
        one["tenant_id"]: words
        for one in system["tenants"]
        if (words := _refusal(api, one["tenant_id"]))
    }
    return Frame(datetime.now(UTC), system, refusals)


def _refusal(api: Api, tenant_id: str) -> str | None:
    alerts = api.get(f"/tenants/{tenant_id}/alerts", limit="20")["items"]
    found = next((one for one in alerts if one["kind"] in REFUSING), None)
    if found is None:
        return None
    return f"{found['kind'].replace('_', ' ')}: {found['scope']} {found['scope_id']}"


def drawn(now: Frame, before: Frame | None = None) -> RenderableType:
    """The table; with an earlier look also what was spent since then."""
    system = now.system
    limit = system["limit_usd"]
    head = Text.assemble(
        ("System ", "bold"),
        f"{system['period']}: {_usd(system['spent_usd'])} USD spent, ",
        f"{_usd(system['held_usd'])} held of {'no limit' if limit is None else _usd(limit)}",
    )
    table = Table(expand=True, header_style="dim", box=None, padding=(0, 1))
    table.add_column("Tenant", overflow="fold")
    for title in ("Spent USD", "Since USD", "Held USD", "Costs", "Share %"):
        table.add_column(title, justify="right")
    table.add_column("Latest refusal", overflow="fold")
    known = _spent(before)
    for one in system["tenants"]:
        name = one["tenant_id"]
        since = Decimal(one["spent_usd"]) - known.get(name, Decimal(0)) if before else None
        table.add_row(
            Text(name),
            _usd(one["spent_usd"]),
            "-" if since is None else Text(_usd(since), "bold green" if since else "dim"),
            _usd(one["held_usd"]),
            f"{one['entries']:,}",
            one["share_percent"],
            Text(now.refusals.get(name, "-"), "red" if name in now.refusals else "dim"),
        )
    foot = Text(f"{now.at:%H:%M:%S} UTC, every {EVERY_SECONDS:.0f} s; Ctrl+C ends it", "dim")
    return Group(head, table, foot)


def show(api: Api, console: Console, *, once: bool) -> None:
    """Draw it once, or again and again until Ctrl+C."""
    frames = _frames(api)
    if once or not console.is_terminal:
        console.print(next(frames))
        return
    with Live(next(frames), console=console, auto_refresh=False, screen=True) as live:
        for one in frames:
            live.update(one, refresh=True)


def _frames(api: Api) -> Iterator[RenderableType]:
    before: Frame | None = None
    while True:
        now = read(api)
        yield drawn(now, before)
        before = now
        time.sleep(EVERY_SECONDS)


def _spent(frame: Frame | None) -> dict[str, Decimal]:
    tenants = frame.system["tenants"] if frame else ()
    return {one["tenant_id"]: Decimal(one["spent_usd"]) for one in tenants}


def _usd(amount: str | Decimal) -> str:
    return f"{Decimal(amount).quantize(CENT):,}"
