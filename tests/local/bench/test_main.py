"""`make bench` as a command: it runs sections in processes of their own, and writes the page."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local.bench import __main__ as command
from local.bench import document, machine
from tests.support.bench.results import results


def test_one_section_is_written_into_a_file(tmp_path: Path) -> None:
    into = tmp_path / "results.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("local.bench.capacity.measured", lambda rounds: {"rounds": rounds})
        asked = ["--only", "capacity", "--scale", "3", "--into", str(into)]
        done = CliRunner().invoke(command.main, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(into.read_text()) == {"rounds": 3}


@pytest.fixture
def sections(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The results that the sections' processes write; a section without results fails."""
    given = results()

    def run(asked: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        name, into = asked[4], asked[6]
        if name in given:
            Path(into).write_text(json.dumps(given[name]))
        return subprocess.CompletedProcess(asked, 0 if name in given else 1)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(machine, "facts", lambda *_: given["machine"])
    monkeypatch.setattr(command, "STATE", tmp_path)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "bench.json")
    monkeypatch.setattr(document, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    return given


def test_the_page_is_written_from_all_sections(sections: dict[str, Any]) -> None:
    done = CliRunner().invoke(command.main, [])
    assert done.exit_code == 0, done.output
    assert document.PAGE.read_text() == document.page(sections)


def test_a_section_that_fails_is_reported_in_the_page(sections: dict[str, Any]) -> None:
    del sections["reads"]
    done = CliRunner().invoke(command.main, [])
    assert done.exit_code == 0, done.output
    assert "Not measured: the section ended with status 1." in document.PAGE.read_text()
