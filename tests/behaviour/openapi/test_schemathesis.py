"""Schemathesis plays the served document against the API: every check, and nothing is found."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from tests.support.cloud import Cloud
from tests.support.doors.gateway import serving
from tests.support.doors.routes import ROUTES
from tests.support.openapi.schemathesis_run import findings, know_formats

pytestmark = pytest.mark.xdist_group("schemathesis")  # imported by one worker alone

EVERY = os.environ.get("SCHEMATHESIS") == "all"
"""Set by `make schemathesis`: every operation is played, which takes some minutes."""
SOME = ["release", "list_budgets", "delete_budget", "get_tenant", "pause", "alerts"]
"""Each method, and each place of a field: path, query, header and body."""
MANY_FIELDS = ["check", "ledger"]
"""Nested bodies and many filters: hundreds of boundary values, which `make schemathesis` plays."""
WITHOUT_BOUNDARIES = {"coverage": {"enabled": False}, "stateful": {"enabled": False}}
LIFE_OF_A_BUDGET = ["set_budget", "get_budget", "budget_history", "delete_budget", "list_budgets"]
ONE_AFTER_THE_OTHER = {
    "examples": {"enabled": False},
    "coverage": {"enabled": False},
    "fuzzing": {"enabled": False},
    "stateful": {"max-steps": 5, "generation": {"max-examples": 3}},
}


@pytest.fixture
def url(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The API on the loopback, without a line of log for each request."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    know_formats()
    with serving() as url:
        yield url


@pytest.mark.parametrize("operation", ROUTES if EVERY else SOME)
def test_schemathesis_finds_nothing(url: str, operation: str) -> None:
    found = findings(url, [operation])
    assert found == [], "\n\n".join(found)


@pytest.mark.skipif(EVERY, reason="played with all phases")
@pytest.mark.parametrize("operation", MANY_FIELDS)
def test_examples_and_random_requests_of_many_fields_find_nothing(url: str, operation: str) -> None:
    found = findings(url, [operation], phases=WITHOUT_BOUNDARIES)
    assert found == [], "\n\n".join(found)


def test_schemathesis_finds_nothing_in_calls_that_follow_each_other(url: str) -> None:
    found = findings(url, LIFE_OF_A_BUDGET, phases=ONE_AFTER_THE_OTHER)
    assert found == [], "\n\n".join(found)
