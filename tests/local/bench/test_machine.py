"""What the page says of a run: its commit and its versions."""

from __future__ import annotations

from importlib.metadata import version

from local.bench import machine


def test_facts_name_the_minutes_the_versions_and_the_cores() -> None:
    found = machine.facts(150, 1.0)
    assert found["minutes"] == 2.5
    assert found["versions"]["boto3"] == version("boto3")
    assert found["cores"] >= 1
