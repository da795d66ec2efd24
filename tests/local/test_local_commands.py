"""`python -m local ...`: the order of `up`, and what `report` and `env` print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local import __main__ as commands
from local.exports import exports
from local.replay import Replay, Runaway
from local.report import ReportError, tenant_report
from local.stack.deploy import Stack
from tests.local.test_replay import MONTH, FakeApi, as_api

STACK = Stack(
    "budget-monitor",
    "http://127.0.0.1:4566",
    "a1",
    "http://127.0.0.1:4566/_aws/execute-api/a1",
    {},
    {"ApiUrl": "http://a1.execute-api.127.0.0.1:4566", "CheckingFunctionArn": "arn:checking"},
    changed=True,
)


@dataclass
class Started:
    """An emulator that only says that it was started."""

    endpoint: str = STACK.endpoint

    def start(self) -> bool:
        return True

    def healthy(self) -> bool:
        return True


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `up` did, in order, without an emulator behind it."""
    done: list[str] = []

    def noted(name: str, answer: Any = None) -> Any:
        def noting(*_: Any, **__: Any) -> Any:
            done.append(name)
            return answer

        return noting

    monkeypatch.setattr(commands, "_emulator", lambda *_: Started())
    monkeypatch.setattr(commands, "deploy", noted("deploy", STACK))
    monkeypatch.setattr(commands, "_where", noted("address"))
    monkeypatch.setattr(commands, "replay", noted("replay", Replay(8819, 0, 1.0)))
    monkeypatch.setattr(commands, "run_away", noted("loop", Runaway(10, "why", "CODE", "block")))
    monkeypatch.setattr(commands, "_report", noted("report"))
    return done


def test_up_prints_the_address_before_the_replay_and_reports_at_the_end(calls: list[str]) -> None:
    done = CliRunner().invoke(commands.main, ["up"])

    assert done.exit_code == 0, done.output
    assert calls == ["deploy", "address", "replay", "loop", "report"]
    assert "Ready after" in done.output


def test_up_without_the_replay_only_starts(calls: list[str]) -> None:
    done = CliRunner().invoke(commands.main, ["up", "--replay", "no"])

    assert done.exit_code == 0, done.output
    assert calls == ["deploy", "address"]


def test_up_refuses_another_word_for_replay(calls: list[str]) -> None:
    done = CliRunner().invoke(commands.main, ["up", "--replay", "later"])

    assert (done.exit_code, calls) == (2, [])
    assert "'later' is not one of 'yes', 'no'" in done.output


def test_env_names_the_api_the_functions_and_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_running_stack", lambda: STACK)

    lines = CliRunner().invoke(commands.main, ["env"]).output.splitlines()

    assert f"export API={STACK.api_url}" in lines
    assert "export CHECKING_FUNCTION_ARN=arn:checking" in lines
    assert exports(STACK)["AWS_ENDPOINT_URL"] == STACK.endpoint


def test_the_report_of_a_tenant_adds_up_what_it_booked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.totals.this_month", lambda: MONTH)
    fake = FakeApi()
    for number, tokens in enumerate((400_000, 800_000)):
        body: dict[str, Any] = {
            "reservation_id": f"hold-{number}",
            "agent": "writer",
            "model": "gpt-4o",
        }
        body |= {"estimated_usage": {"input_tokens": tokens, "max_output_tokens": 1}}
        fake.post("/tenants/acme/reservations", body)
        settled = {"usage": {"input_tokens": tokens, "output_tokens": 0}, "receipt": "kept"}
        fake.post(f"/tenants/acme/reservations/hold-{number}/settle", settled)

    found = tenant_report(as_api(fake), "acme", commands.console)

    assert (f"{found.spent_usd.normalize():f}", found.entries) == ("3", 2)
    printed = capsys.readouterr().out
    assert "writer" in printed
    assert "acme spent 3 USD" in printed


def test_the_report_of_a_tenant_without_costs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.totals.this_month", lambda: MONTH)
    with pytest.raises(ReportError, match="nobody has no costs yet"):
        tenant_report(as_api(FakeApi()), "nobody", commands.console)


def test_the_makefile_passes_what_is_given_to_up_and_report() -> None:
    text = (Path(commands.__file__).parents[1] / "Makefile").read_text()
    assert "local up --replay $(REPLAY) $(if $(PORT),--port $(PORT))" in text
    assert "local report $(if $(TENANT),--tenant $(TENANT))" in text
