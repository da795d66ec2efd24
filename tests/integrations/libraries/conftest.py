"""What the tests of real libraries share: the product over HTTP, a tenant, the stubbed models."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest

from budget_monitor_client import BudgetMonitor, RefusedError
from budget_monitor_client.guard.runs import Run
from tests.integrations.libraries.stub_models import Models, stubbed


@dataclass
class Ledger:
    """One tenant's run, and what was booked for it."""

    budget: BudgetMonitor
    tenant_id: str

    def run(self) -> Run:
        """Return a new run of the tenant."""
        return self.budget.run(self.tenant_id, agent="researcher", user="ada")

    @property
    def costs(self) -> list[str]:
        """Costs in the ledger, in USD, oldest first."""
        return [one["cost_usd"] for one in self.budget.ledger(self.tenant_id)["items"]]

    @property
    def held(self) -> str:
        """What is held now, in USD."""
        return str(self.budget.tenant_usage(self.tenant_id)["held_usd"])

    def block(self) -> None:
        """Let the tenant spend nothing from here on."""
        month = {"budget_id": "tenant-month", "limit_usd": "0", "by": "maria", "reason": "a test"}
        self.budget.set_budget(self.tenant_id, **month)  # type: ignore[arg-type]


@pytest.fixture
def ledger() -> Ledger:
    """A tenant that nobody else has."""
    budget = BudgetMonitor.http(os.environ["BUDGET_MONITOR_URL"], token="a-token")  # noqa: S106
    return Ledger(budget, f"tenant-{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="session")
def stub() -> Iterator[Models]:
    """The stub for all tests of this process."""
    with stubbed() as models:
        yield models


@pytest.fixture
def models(stub: Models, monkeypatch: pytest.MonkeyPatch) -> Models:
    """The stub, as it is when nothing is wrong, where all SDKs look for the providers."""
    stub.cut_at, stub.status, stub.delay_seconds = None, 200, 0
    stub.seen.clear()
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-key")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{stub.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", stub.url)
    return stub


@pytest.fixture
def refused(ledger: Ledger, models: Models) -> Callable[[Callable[[], object]], RefusedError]:
    """Check that a call is refused: nothing is sent, held or booked, and the decision is there."""

    def check(call: Callable[[], object]) -> RefusedError:
        ledger.block()
        with pytest.raises(RefusedError) as caught:
            call()
        assert caught.value.decision["reason_code"] == "TENANT_MONTH_EXCEEDED"
        assert (models.attempts, ledger.costs, ledger.held) == (0, [], "0")
        return caught.value

    return check


@contextmanager
def may_break(*, only_if: bool) -> Iterator[None]:
    """Let a stream that is cut raise what its SDK raises. One that is whole raises nothing."""
    try:
        yield
    except Exception as error:
        if not only_if or isinstance(error, RefusedError):
            raise


def booked_once(ledger: Ledger, true_cost: str, *, whole: bool) -> None:
    """Check a stream: its true cost, or if it was cut its estimate, which is more; nothing held."""
    (cost,) = ledger.costs
    assert ledger.held == "0"
    assert (cost == true_cost) if whole else Decimal(cost) > Decimal(true_cost)


def booked_or_estimated(ledger: Ledger, true_cost: str, *, whole: bool) -> None:
    """As `booked_once`, where the framework does not hand on a usage that came before the cut."""
    (cost,) = ledger.costs
    assert ledger.held == "0"
    assert cost == true_cost or not whole
    assert Decimal(cost) >= Decimal(true_cost)
