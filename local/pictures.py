"""`make pictures`: draw the pictures of README and docs from a run against the local stack."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from io import StringIO
from typing import Any

from rich.console import Console

from local.api import Api, ApiError
from local.replay import run_away
from local.report import report, runaway_lines, shown
from local.settings import ROOT
from local.trace import read

PICTURES = ROOT / "docs" / "pictures"
CALLERS, REQUESTS = 64, 8
"""So many callers are inside their model calls at once; so many requests are sent at once."""
COST, LIMIT = "0.10", "1"
WIDTH, LEFT, USD_WIDTH, COLUMNS = 820, 190, 64, 92
WEB_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """How many of the callers were admitted, and what their tenant spent."""

    admitted: int
    spent_usd: Decimal


class Caller:
    """An agent that calls a model once. All callers are inside their model calls together."""

    def __init__(self, api: Api, tenant: str) -> None:
        self._api, self._tenant = api, f"/tenants/{tenant}"
        self._in_flight = threading.Barrier(CALLERS)
        self._requests = threading.Semaphore(REQUESTS)

    def check_then_record(self, number: int) -> bool:
        """Look at the limit, call the model, record its cost; whether it was admitted."""
        run = {"agent_execution_id": f"run-{number}"}
        admitted = self._post("/checks", run | {"estimated_cost_usd": COST})["allowed"]
        self._in_flight.wait()
        if admitted:
            self._post("/costs", run | {"cost_usd": COST})
        return bool(admitted)

    def reserve_then_settle(self, number: int) -> bool:
        """Hold the cost, call the model, settle; whether it was admitted."""
        run, hold = {"agent_execution_id": f"run-{number}"}, {"reservation_id": f"hold-{number}"}
        admitted = self._post("/reservations", run | hold | {"estimated_cost_usd": COST})["allowed"]
        self._in_flight.wait()
        if admitted:
            self._post(f"/reservations/hold-{number}/settle", {"cost_usd": COST})
        return bool(admitted)

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        with self._requests:
            return self._api.post(self._tenant + path, body).body


def draw(api: Api) -> None:
    """Write all pictures. Raises ReportError if the trace was not replayed."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "replay.svg").write_text(replay_svg(api))
    (PICTURES / "race.svg").write_text(race_svg(race(api, "check"), race(api, "reserve")))


def race(api: Api, how: str) -> Outcome:
    """Let 64 callers of a new tenant spend 0.10 USD each against a limit of 1 USD.

    `check` looks at the limit and records the cost after the call; `reserve` holds it before.
    """
    tenant = f"picture-{how}-{int(time.time())}"
    limit = {"limit_usd": LIMIT, "by": "pictures", "reason": "a limit of 1 USD"}
    path = f"/tenants/{tenant}/budgets/tenant-month"
    answer = api.call("PUT", path, json.dumps(limit).encode())
    if answer.status != HTTPStatus.OK:
        raise ApiError(f"PUT {path} answered {answer.status}: {answer.body}")
    caller = Caller(api, tenant)
    one = caller.check_then_record if how == "check" else caller.reserve_then_settle
    with ThreadPoolExecutor(CALLERS) as pool:
        admitted = sum(pool.map(one, range(CALLERS)))
    return Outcome(admitted, Decimal(api.get(f"/tenants/{tenant}/usage")["spent_usd"]))


def race_svg(checked: Outcome, reserved: Outcome) -> str:
    """A bar for each way, with the limit as a line."""
    limit = LEFT + pixels(Decimal(LIMIT) * USD_WIDTH)
    bars = _bar(74, "check, call, charge", checked, "#d1495b")
    bars += _bar(134, "reserve, call, settle", reserved, "#2a9d8f")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 200" role="img" '
        f'font-family="system-ui, sans-serif" font-size="15" fill="#24292f">\n'
        f"<title>{CALLERS} callers, {COST} USD each, against a limit of {LIMIT} USD</title>\n"
        f'<rect width="{WIDTH}" height="200" rx="8" fill="#f6f8fa"/>\n'
        f'<text x="20" y="34" font-weight="bold">{CALLERS} parallel calls of {COST} USD each, '
        f"limit {LIMIT} USD: what was spent</text>\n{bars}"
        f'<line x1="{limit}" y1="56" x2="{limit}" y2="184" stroke="#24292f" '
        f'stroke-dasharray="5 4"/>\n'
        f'<text x="{limit + 6}" y="66" font-size="12">limit</text>\n</svg>\n'
    )


def _bar(top: int, name: str, outcome: Outcome, colour: str) -> str:
    width = pixels(outcome.spent_usd * USD_WIDTH)
    words = f"{outcome.admitted} admitted, {shown(outcome.spent_usd)} USD"
    return (
        f'<text x="20" y="{top + 25}">{name}</text>\n'
        f'<rect x="{LEFT}" y="{top}" width="{width}" height="38" rx="3" fill="{colour}"/>\n'
        f'<text x="{LEFT + width + 8}" y="{top + 25}">{words}</text>\n'
    )


def pixels(length: Decimal) -> int:
    """Whole pixels."""
    return int(length.to_integral_value())


def replay_svg(api: Api) -> str:
    """The end of `make up` as a terminal shows it."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), highlight=False)
    report(api, read(None), console)
    console.print(runaway_lines(run_away(api, f"loop-{int(time.time())}")))
    drawn = console.export_svg(title="make up", unique_id="replay")
    return WEB_FONT.sub("", drawn).replace("Fira Code, monospace", "monospace")
