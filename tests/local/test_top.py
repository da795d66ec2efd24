"""`make top`: one frame of the live table, and what changed since the one before."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real
from rich.console import Console

from local import top


class Canned:
    """The API of a stack with two tenants, the larger of which is refused."""

    def __init__(self) -> None:
        self.spent, self.asked = "12.5", list[str]()

    def get(self, path: str, **_: str) -> dict[str, Any]:
        self.asked.append(path)
        if path == "/system/usage":
            tenants = [_line("acme", self.spent, "2.25"), _line("[red]globex", "0.004", "0")]
            month = {"period": "2026-11", "limit_usd": "10000", "held_usd": "2.25"}
            return {**month, "spent_usd": self.spent, "tenants": tenants}
        blocked = {"kind": "blocked", "scope": "execution", "scope_id": "run-1"}
        sent = {"kind": "nearing_limit", "scope": "tenant", "scope_id": "acme"}
        return {"items": [sent, blocked] if path == "/tenants/acme/alerts" else []}


def _line(name: str, spent: str, held: str) -> dict[str, Any]:
    return {
        "tenant_id": name,
        "spent_usd": spent,
        "held_usd": held,
        "entries": 1234,
        "share_percent": "99",
    }


def shown(api: Any, **given: Any) -> list[str]:
    """The lines of the table as a terminal of 120 columns has them."""
    console = Console(file=StringIO(), width=120)
    top.show(api, console, once=True, **given)
    text = console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO
    return [" ".join(one.split()) for one in text.splitlines()]


def test_one_frame_shows_spend_holds_and_refusals() -> None:
    api = Canned()
    head, titles, acme, globex, foot = shown(api)
    assert head == "System 2026-11: 12.50 USD spent, 2.25 held of 10,000.00"
    assert titles == "Tenant Spent USD Since USD Held USD Costs Share % Latest refusal"
    assert acme == "acme 12.50 - 2.25 1,234 99 blocked: execution run-1"
    assert globex == "[red]globex 0.00 - 0.00 1,234 99 -"
    assert foot.endswith("Ctrl+C ends it")
    assert api.asked == ["/system/usage", "/tenants/acme/alerts", "/tenants/[red]globex/alerts"]


def test_the_next_frame_shows_what_was_spent_since(monkeypatch: pytest.MonkeyPatch) -> None:
    api: Any = Canned()
    monkeypatch.setattr(top, "EVERY_SECONDS", 0.0)
    before = top.read(api)
    api.spent = "14"
    console = Console(file=StringIO(), width=120)
    console.print(top.drawn(top.read(api), before))
    text = console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO
    assert "acme 14.00 1.50 2.25" in " ".join(text.split())
