"""docs/performance.md, as it is written from the results of a run."""

from __future__ import annotations

from local.bench import document
from local.bench.document import SECTIONS, page, table
from tests.support.bench.results import results


def test_the_page_begins_with_the_goals_and_has_every_section() -> None:
    text = page(results())
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    sections = [title for title, _ in SECTIONS.values()]
    assert titles == ["Goals", *sections, "How it was measured, and the limits"]
    assert "16 of 16 goals are met." in text
    assert "Nothing here ran on AWS" in text


def test_the_page_says_when_with_what_and_where_it_was_measured() -> None:
    text = page(results())
    assert "Measured on 2026-11-29 12:00 UTC at commit abc1234, in 8.5 minutes" in text
    assert "Python 3.11.7 on Linux x86_64, 2 cores, load 1.0. Versions: boto3 1.43.106." in text


def test_the_page_of_a_shorter_run_says_so() -> None:
    run = results()
    run["machine"] = {**run["machine"], "scale": 0.2, "changed": True}
    assert "abc1234 with changes, in 8.5 minutes and 0.2 of the rounds, with" in page(run)


def test_a_section_and_a_library_that_failed_are_reported() -> None:
    run = results() | {"reads": {"failed": "the section ended with status 1"}}
    text = page(run)
    assert "## Reads\n\nNot measured: the section ended with status 1.\n" in text
    assert "| agentbudget 0.4.0 | not measured: not installed: a   b |" in text
    assert "| 0 | failed: c   d | 4.2 |" in text, "a step that fails leaves the others"


def test_a_table_aligns_numbers_to_the_right() -> None:
    lines = "| a | b |\n| --- | ---: |\n| x | 1,234.5 |\n"
    assert table(("a", "b"), [("x", 1234.5)]) == lines


def test_the_page_in_the_repository_was_written_by_the_command() -> None:
    text = document.PAGE.read_text()
    assert text.startswith(document.HEAD)
    assert text.endswith(document.LIMITS)
