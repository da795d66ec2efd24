"""Requests as callers make them: ids that collide, and contents that mostly agree where they do."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from tests.support.histories.making.scenes import with_names

ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:"
AMOUNTS = ("0.07", "0.5", "1", "1.00", "1.37", "2.5", "3.000000000001", "0.000000000001", "4", "7")
RUNS: tuple[dict[str, str], ...] = (
    {"agent_execution_id": "run-1"},
    {"agent_execution_id": "run-2", "workflow_execution_id": "flow-1"},
    {"agent_execution_id": "run-2"},
    {"agent_execution_id": "run-3", "parent_execution_id": "run-2"},
    {"agent_execution_id": "run-4", "parent_execution_id": "run-3"},
    {"agent_execution_id": "run-5", "workflow_execution_id": "flow-2"},
    {"workflow_execution_id": "flow-1"},
    {"agent_execution_id": "run-1", "workflow_execution_id": "flow-2"},
)
OPERATIONS = {
    "reserve": 26,
    "settle": 18,
    "record_cost": 16,
    "release": 8,
    "check": 6,
    "adjust": 7,
    "extend": 6,
    "record_costs": 5,
    "expire": 4,
    "release_stopped": 3,
}
ODD = 0.1


class Maker:
    """Makes events whose ids collide, and whose contents mostly agree where they do."""

    def __init__(self, chance: random.Random, prefix: str) -> None:
        self._chance = chance
        self._tenants = [f"{prefix}-a", f"{prefix}-b"]
        self._usual: dict[Any, Any] = {}

    def event(self, now: datetime) -> tuple[str, dict[str, Any]]:
        operation = self._chance.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        fields = getattr(self, f"_{operation}")(now)
        if operation == "expire":
            return operation, fields
        if operation == "release_stopped":
            return operation, fields
        return operation, {"tenant_id": self._chance.choice(self._tenants), **fields}

    def _same(self, name: str, make: Any) -> Any:
        """What this id mostly stands for."""
        made = make()
        usual = self._usual.setdefault(name, made)
        return made if self._chance.random() < ODD else usual

    def _labels(self) -> dict[str, Any]:
        chance = self._chance
        labels: dict[str, Any] = dict(chance.choice(RUNS))
        if chance.random() < 0.5:
            labels["agent"] = chance.choice(("writer", "critic"))
        if chance.random() < 0.5:
            labels["model"] = "gpt-x"
        return with_names(labels)

    def _amount(self) -> str:
        return self._chance.choice(AMOUNTS)

    def _moment(self, now: datetime) -> dict[str, str]:
        """Sometimes when it happened: a while ago, months ago, a little or too far ahead."""
        if self._chance.random() < 0.6:
            return {}
        ago = self._chance.choice((-400, -200, 1, 3600, 26 * 3600, 75 * 3600, 40 * 86_400))
        return {"occurred_at": f"{now - timedelta(seconds=ago):%Y-%m-%dT%H:%M:%SZ}"}

    def _hold(self) -> str:
        return f"hold-{self._chance.randrange(7)}"

    def _reserve(self, _: datetime) -> dict[str, Any]:
        name = self._hold()
        return {**self._same(name, self._hold_content), "reservation_id": name}

    def _hold_content(self) -> dict[str, Any]:
        content: dict[str, Any] = {"estimated_cost_usd": self._amount(), **self._labels()}
        if self._chance.random() < 0.6:
            content["expires_in_seconds"] = self._chance.choice((1, 60, 1200, 86_400))
        if self._chance.random() < 0.3:
            content["state_machine_execution_arn"] = ARN + self._chance.choice("xy")
        return content

    def _check(self, _: datetime) -> dict[str, Any]:
        return {"estimated_cost_usd": self._amount(), **self._labels()}

    def _extend(self, _: datetime) -> dict[str, Any]:
        life = self._chance.choice((1, 300, 2000, 86_400))
        return {"reservation_id": self._hold(), "expires_in_seconds": life}

    def _release(self, _: datetime) -> dict[str, Any]:
        return {"reservation_id": self._hold()}

    def _settle(self, now: datetime) -> dict[str, Any]:
        name = self._hold()
        cost = self._same(
            f"settle {name}", lambda: {"cost_usd": self._amount()} | self._moment(now)
        )
        named = {"entry_id": self._cost()} if self._chance.random() < ODD else {}
        return {"reservation_id": name, **cost, **named}

    def _cost(self) -> str:
        return f"cost-{self._chance.randrange(8)}"

    def _record_cost(self, now: datetime) -> dict[str, Any]:
        name = self._cost()
        return {**self._same(name, lambda: self._content(now)), "entry_id": name}

    def _content(self, now: datetime) -> dict[str, Any]:
        content = {"cost_usd": self._amount(), **self._labels(), **self._moment(now)}
        return content | (
            {"tokens": self._chance.randrange(99)} if self._chance.random() < 0.5 else {}
        )

    def _record_costs(self, now: datetime) -> dict[str, Any]:
        costs = [self._record_cost(now) for _ in range(self._chance.randint(1, 4))]
        for one in costs:  # who waits for whose first use within one batch has tests of its own
            if one.pop("parent_execution_id", None):
                one["agent_execution_id"] = "run-1"
        return {"costs": costs}

    def _adjust(self, _: datetime) -> dict[str, Any]:
        sign = self._chance.choice(("", "-"))
        return {
            "entry_id": self._chance.choice((self._cost(), f"settle:{self._hold()}")),
            "adjustment_id": self._chance.choice(
                (f"less-{self._chance.randrange(4)}", self._cost())
            ),
            "amount_usd": sign + self._amount(),
            "reason": "the bill",
            "by": "maria",
        }

    def _expire(self, _: datetime) -> dict[str, Any]:
        return {}

    def _release_stopped(self, _: datetime) -> dict[str, Any]:
        return {"state_machine_execution_arn": ARN + self._chance.choice("xy")}
