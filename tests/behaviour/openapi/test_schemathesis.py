"""Schemathesis plays the served document against the API: every check, and nothing is found."""

from __future__ import annotations

import logging

import pytest

from tests.support.cloud import Cloud
from tests.support.doors.gateway import serving
from tests.support.doors.routes import ROUTES
from tests.support.openapi.schemathesis_run import findings, know_formats

PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_schemathesis_finds_nothing_in_any_operation(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    know_formats()
    with serving() as url:
        found = findings(url, [*ROUTES][part::PARTS])
    assert found == [], "\n\n".join(found)
