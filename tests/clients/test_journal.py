"""A process that dies at any step of a call loses nothing and books nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from budget_monitor_client import BudgetMonitor, ForbiddenError, NoAnswerError
from budget_monitor_client.guard.holds import Hold
from budget_monitor_client.guard.journal import DONE, RELEASING, SENDING, SETTLING, Journal, Step
from budget_monitor_client.sending import Transport
from budget_monitor_client.values import Answer, Fields
from tests.clients.test_calls import HELD, RESPONSE, TERMS, TRUE_COST, costs, held
from tests.support.clients.handlers import NO_WAIT, client, direct
from tests.support.clients.power import (
    FaultyTransport,
    KilledError,
    Power,
    PoweredJournal,
    PoweredTransport,
)

HOLD = Hold("acme", "run-1.x.1", {"agent_execution_id": "run-1"}, {"cost_usd": "1"}, "1")
KINDS = {"usage": RESPONSE, "no usage": None}


class DyingProcess(BudgetMonitor):
    """A client of a process whose power may be cut."""

    def __init__(self, folder: Path, power: Power, transport: Transport) -> None:
        super().__init__(PoweredTransport(transport, power), journal=folder, retry=NO_WAIT)
        assert self._journal is not None
        self._journal.close()
        self.journal = PoweredJournal(folder, power)
        self._guarding = type(self._guarding)(self.send, self.journal, "deny")

    def die(self) -> None:
        """The kernel closes the files of a process that is gone, and with them their locks."""
        os.close(self.journal._file)  # noqa: SLF001


def one_call(folder: Path, power: Power, tenant_id: str, response: Any) -> bool:
    """Make a call in a process that may die; True if the model was asked."""
    process, was_asked = DyingProcess(folder, power, direct()), False
    try:
        with process.run(tenant_id, run_id="run-1").call(**TERMS) as call:
            power.step()
            was_asked = True
            power.step()
            if response is not None:
                call.done(response)
    except KilledError:
        pass
    process.die()
    return was_asked


def steps_of(folder: Path, tenant_id: str, response: Any) -> int:
    power = Power()
    assert one_call(folder, power, tenant_id, response)
    return power.steps


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_killed_at_any_step_loses_no_cost_and_books_none_twice(
    tmp_path: Path, tenant_id: str, kind: str
) -> None:
    response, booked = KINDS[kind], {TRUE_COST, HELD} if KINDS[kind] else {HELD}
    steps = steps_of(tmp_path, f"{tenant_id}-whole", response)
    assert steps == 14
    for number in range(steps):
        of = f"{tenant_id}-{number}"
        was_asked = one_call(tmp_path / of, Power(number), of, response)
        budget = client(journal=tmp_path / of)
        assert held(budget, of) == "0", number
        found = costs(budget, of)
        assert len(found) <= 1
        assert set(found) <= booked
        assert found or not was_asked, f"the call at step {number} was free"
        assert budget.flush() == 0
        budget.close()
        assert list((tmp_path / of).iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_that_dies_while_it_delivers_is_followed_by_another(
    tmp_path: Path, tenant_id: str, kind: str
) -> None:
    for number in (3, 7, 9, 11):
        for second in range(6):
            of = f"{tenant_id}-{number}-{second}"
            was_asked = one_call(tmp_path / of, Power(number), of, KINDS[kind])
            replay(tmp_path / of, Power(second))
            client(journal=tmp_path / of).close()
            found = costs(client(), of)
            assert (len(found) == 1) if was_asked else (len(found) <= 1)
            assert held(client(), of) == "0"


def replay(folder: Path, power: Power) -> None:
    """Start a process that takes the journal over, and may die meanwhile."""
    journal = PoweredJournal(folder, power)
    process = client(PoweredTransport(direct(), power))
    process._journal = journal  # noqa: SLF001
    process._guarding = type(process._guarding)(process.send, journal, "deny")  # noqa: SLF001
    try:
        journal.adopt()
        process.flush()
    except KilledError:
        pass
    os.close(journal._file)  # noqa: SLF001


def test_a_step_repeated_after_a_kill_has_a_hold_of_its_own(tmp_path: Path, tenant_id: str) -> None:
    one_call(tmp_path, Power(7), tenant_id, RESPONSE)
    with client(journal=tmp_path) as budget:
        with budget.run(tenant_id, run_id="run-1").call(**TERMS) as call:
            assert call.reservation_id.endswith(".2")
            call.done(RESPONSE)
        assert costs(budget, tenant_id) == [HELD, TRUE_COST]


def test_an_outage_after_the_call_waits_in_the_journal_and_flush_delivers_it(
    tmp_path: Path, tenant_id: str
) -> None:
    faulty = FaultyTransport(direct())
    budget = client(faulty, journal=tmp_path)
    run = budget.run(tenant_id, run_id="run-1")
    with run.call(**TERMS) as call:
        faulty.is_down = True
        assert call.done(RESPONSE) is RESPONSE
        assert call.entry is None
    assert budget.flush() == 1
    faulty.is_down = False
    assert costs(client(), tenant_id) == []
    assert budget.flush() == 0
    assert (costs(client(), tenant_id), held(client(), tenant_id)) == ([TRUE_COST], "0")


def test_a_response_with_times_and_decimals_waits_in_the_journal_too(
    tmp_path: Path, tenant_id: str
) -> None:
    when = datetime(2026, 11, 22)  # noqa: DTZ001 - as an SDK may give it
    with client(journal=tmp_path) as budget, budget.run(tenant_id) as run:
        with run.call(**TERMS) as call:
            call.done({**RESPONSE, "created_at": when, "score": Decimal("0.5")})
        with run.call(**TERMS) as call:
            call.done(usage={"input_tokens": 1200, "output_tokens": 300, "seconds": Decimal(0)})
    assert costs(client(), tenant_id)[0] == TRUE_COST


def test_a_settlement_whose_answer_was_lost_is_booked_once(tmp_path: Path, tenant_id: str) -> None:
    faulty = FaultyTransport(direct(), lost_after={1, 2, 3, 4})
    budget = client(faulty, journal=tmp_path)
    with budget.run(tenant_id).call(**TERMS) as call:
        call.done(RESPONSE)
    assert budget.flush() == 0
    assert costs(client(), tenant_id) == [TRUE_COST]


def test_a_call_does_not_take_the_id_of_one_that_waits(tmp_path: Path, tenant_id: str) -> None:
    faulty = FaultyTransport(direct())
    budget = client(faulty, journal=tmp_path)
    with budget.run(tenant_id, run_id="run-1").call(**TERMS) as first:
        faulty.is_down = True
        first.done(RESPONSE)
    faulty.is_down = False
    with budget.run(tenant_id, run_id="run-1").call(**TERMS) as second:
        second.done(RESPONSE)
    assert first.reservation_id != second.reservation_id
    budget.close()
    assert costs(client(), tenant_id) == [TRUE_COST] * 2


def test_the_journal_of_a_living_process_is_left_alone(tmp_path: Path, tenant_id: str) -> None:
    budget = client(journal=tmp_path)
    with budget.run(tenant_id, run_id="run-1").call(**TERMS) as call:
        client(journal=tmp_path).close()
        assert held(budget, tenant_id) == HELD
        call.done(RESPONSE)
    assert costs(budget, tenant_id) == [TRUE_COST]


class Forbidding:
    """A transport that forbids everything."""

    def request(self, operation: str, fields: Fields) -> Answer:
        raise ForbiddenError(f"{operation} of {fields['tenant_id']} is forbidden")


def test_what_the_service_refuses_stays_in_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path)
    journal.write(Step(SETTLING, HOLD, {"cost_usd": "1"}))
    os.close(journal._file)  # noqa: SLF001
    budget = client(Forbidding(), journal=tmp_path)
    assert budget.flush() == 1
    assert "acme/run-1.x.1 was refused" in caplog.text
    budget.close()
    assert len(list(tmp_path.glob("*.journal"))) == 1


def test_a_line_that_was_cut_is_skipped_and_the_one_before_counts(tmp_path: Path) -> None:
    before, last = Step(SENDING, HOLD).line(), Step(DONE, HOLD).line()
    for cut in range(len(last)):
        (tmp_path / "dead.journal").write_bytes(before + last[:cut])
        journal = Journal(tmp_path)
        journal.adopt()
        (found,) = journal.undelivered()
        assert (found.name, found.hold, found.spent) == (SETTLING, HOLD, None)
        journal.write(Step(DONE, HOLD))
        journal.close()


def test_eight_processes_that_start_at_once_take_each_file_over_once(tmp_path: Path) -> None:
    for number in range(20):
        hold = replace(HOLD, reservation_id=f"run-1.x.{number}")
        (tmp_path / f"dead-{number}.journal").write_bytes(Step(SENDING, hold).line())
    journals = [Journal(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Journal.adopt, journals))
    taken = [one.key for journal in journals for one in journal.undelivered()]
    assert sorted(taken) == sorted(f"acme/run-1.x.{number}" for number in range(20))
    assert list(tmp_path.glob("dead-*")) == []


def test_a_full_disk_stops_the_call_and_keeps_the_lines_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.write(Step(RELEASING, HOLD))
    written = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: written(file, data[:10]))
        with pytest.raises(OSError, match="full"):
            journal.write(Step(DONE, HOLD))
    assert [one.name for one in journal.undelivered()] == [RELEASING]
    (file,) = tmp_path.glob("*.journal")
    assert json.loads(file.read_text())["step"] == "releasing"


def test_a_journal_of_a_megabyte_without_open_calls_begins_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    long = Hold("acme", "run-1.y.1", {"user": "u" * 500_000}, {}, "1")
    for _ in range(3):
        journal.write(Step(SETTLING, long))
    journal.write(Step(DONE, long))
    (file,) = tmp_path.glob("*.journal")
    assert file.stat().st_size == 0


def test_the_lock_ends_with_the_process(tmp_path: Path) -> None:
    script = f"""
import os
from budget_monitor_client.guard.holds import Hold
from budget_monitor_client.guard.journal import Journal, Step
Journal({str(tmp_path)!r}).write(Step("sending", Hold("acme", "a.1", {{}}, {{}}, "1")))
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", script], env=path_of_client(), check=False)  # noqa: S603
    assert done.returncode == 9
    journal = Journal(tmp_path)
    journal.adopt()
    assert [one.key for one in journal.undelivered()] == ["acme/a.1"]


def path_of_client() -> dict[str, str]:
    import budget_monitor_client  # noqa: PLC0415

    return {"PYTHONPATH": str(Path(budget_monitor_client.__file__).parents[1])}


def test_an_outage_at_the_start_does_not_stop_the_client(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(Step(SETTLING, HOLD))
    os.close(journal._file)  # noqa: SLF001
    down = FaultyTransport(direct(), is_down=True)
    budget = client(down, journal=tmp_path)
    with pytest.raises(NoAnswerError):
        budget.tenant_usage("acme")
    assert budget.flush() == 1
