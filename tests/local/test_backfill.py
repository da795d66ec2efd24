"""`make backfill`: files are read, sent in batches, and an interrupted import goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from functions.tracking import app as tracking
from local.backfill import __main__ as command
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

NOW = "2026-11-22T10:00:00Z"
HEADER = "occurred_at,cost_usd,agent_execution_id,agent,tags,input_tokens"


class Function:
    """The tracking function, as Lambda invokes it. `fails_from`: the first that fails."""

    def __init__(self) -> None:
        self.batches = list[int]()
        self.fails_from: int | None = None

    def __call__(self, event: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
        self.batches.append(len(event["costs"]))
        if self.fails_from is not None and len(self.batches) >= self.fails_from:
            return "a dependency failed", {}
        try:
            return None, tracking.lambda_handler(json.loads(json.dumps(event)), None)
        except Exception as error:  # noqa: BLE001 - Lambda turns any of them into a text
            return str(error), {}


@pytest.fixture
def function(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Function:
    function = Function()
    monkeypatch.setattr(command, "_invoker", lambda _: function)
    monkeypatch.setattr("local.backfill.importing.PAUSE", 0)
    return function


def backfill(path: Path, tenant: str = "acme") -> Result:
    arguments = [str(path), "--tenant", tenant, "--by", "maria", "--reason", "moved"]
    with at(NOW):
        return CliRunner().invoke(command.main, arguments)


def csv_of(path: Path, count: int, *more: str) -> Path:
    lines = [f"2026-10-{n % 28 + 1:02}T10:00:00Z,0.01,run-{n},writer,a | b,5" for n in range(count)]
    path.write_text("\n".join([HEADER, *lines, *more, ""]))
    return path


def usage(month: str = "2026-10") -> dict[str, Any]:
    with at(NOW):
        return Tenant(DirectDoor(), "acme").usage(month=month)


def test_a_csv_of_250_costs_is_booked_in_batches_of_100(function: Function, tmp_path: Path) -> None:
    done = backfill(csv_of(tmp_path / "costs.csv", 250))

    assert (done.exit_code, function.batches) == (0, [100, 100, 50]), done.output
    assert "booked 250, booked before 0, refused 0" in done.output
    assert (usage()["spent_usd"], usage()["input_tokens"]) == ("2.5", 1250)
    assert not (tmp_path / "costs.csv.progress").exists()


def test_json_lines_take_the_fields_of_record_cost(function: Function, tmp_path: Path) -> None:
    path = tmp_path / "costs.jsonl"
    cost = {"occurred_at": "2026-10-05T10:00:00Z", "cost_usd": 0.1, "agent_execution_id": "r"}
    lines = [json.dumps(cost), "", json.dumps({**cost, "user": "ana", "tags": ["x"]})]
    path.write_text("\n".join(lines))

    assert backfill(path).exit_code == 0
    assert Decimal(usage()["spent_usd"]) == Decimal("0.2")


def test_sending_a_file_again_books_nothing_twice(function: Function, tmp_path: Path) -> None:
    path = csv_of(tmp_path / "costs.csv", 3)
    backfill(path)

    assert "booked 0, booked before 3" in backfill(path).output
    assert usage()["spent_usd"] == "0.03"


def test_an_interrupted_import_goes_on_where_it_stopped(function: Function, tmp_path: Path) -> None:
    path = csv_of(tmp_path / "costs.csv", 150)
    function.fails_from = 2
    stopped = backfill(path)
    assert (stopped.exit_code, usage()["entries"]) == (3, 100)
    assert "Run the same command again" in stopped.output

    function.batches, function.fails_from = [], None
    assert backfill(path).exit_code == 0
    assert (function.batches, usage()["entries"]) == ([50], 150)


def test_refused_rows_are_named_by_their_line_and_the_others_are_booked(
    function: Function, tmp_path: Path
) -> None:
    path = csv_of(
        tmp_path / "costs.csv", 2,
        "2026-11-20T10:00:00Z,1,run-x,writer,,",
        "2026-10-20T10:00:00Z,minus one,run-x,writer,,",
        "2026-10-20T10:00:00Z,,run-y,writer,,5",
    )  # fmt: skip
    done = backfill(path)

    assert done.exit_code == 1
    assert "booked 2, booked before 0, refused 3" in done.output
    for line in (4, 5, 6):
        assert f"line {line}: " in done.output
    assert usage()["spent_usd"] == "0.02"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("costs.csv", "when,cost_usd\n1,2\n", "unknown: when"),
        ("costs.csv", f"{HEADER}\n1,2\n", "line 2: it has more or fewer cells"),
        ("costs.csv", f"{HEADER}\n2026,1,r,w,,many\n", "line 2: input_tokens must be"),
        ("costs.csv", "", "unknown: none"),
        ("costs.jsonl", "{}\n[1]\n", "line 2: not a JSON object"),
        ("costs.jsonl", "{\n", "line 1: not JSON"),
        ("costs.txt", "", "must end with .csv"),
    ],
)
def test_a_bad_file_is_exit_code_2_and_nothing_is_sent(
    function: Function, tmp_path: Path, name: str, text: str, why: str
) -> None:
    (tmp_path / name).write_text(text)
    done = backfill(tmp_path / name)

    assert (done.exit_code, function.batches) == (2, [])
    assert why in done.output.replace("\n", " ")
