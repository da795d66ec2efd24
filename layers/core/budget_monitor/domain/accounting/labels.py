"""Labels: which run, agent, model, user and tags a cost, hold or check belongs to."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.values import dataclass

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
"""Format of every id, made by callers or by this service."""
MAX_TAGS = 10
MAX_ANCESTORS = 8
LEARNT = frozenset(
    {"ancestors", "run_agent", "run_workflow", "model_resolved", "provider_resolved"}
)
"""Labels that callers do not send: they come from the store or the price list."""

_IN = "in"


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a request. At least one of the two execution ids is set.

    With only `workflow_execution_id` it is the workflow's own cost. `ancestors` are the executions
    above this one, nearest first; they are learnt from the store, not said by a caller. So are the
    names by which budgets know the request: see `LEARNT`.
    """

    agent_execution_id: str | None = None
    workflow_execution_id: str | None = None
    parent_execution_id: str | None = None
    state_machine_execution_arn: str | None = None
    workflow: str | None = None
    agent: str | None = None
    model: str | None = None
    provider: str | None = None
    user: str | None = None
    tags: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    run_agent: str | None = None
    """The execution's first name, if a budget needs it. Later requests do not change it."""
    run_workflow: str | None = None
    """The workflow execution's first name, if a budget needs it."""
    model_resolved: str | None = None
    """The price list's name of the model, if a budget or a price needed it."""
    provider_resolved: str | None = None
    """The price list's name of the provider; of the model's provider if none was sent."""

    def public(self) -> dict[str, Any]:
        """The labels that the caller sent, as answers show them."""
        shown = {name: getattr(self, name) for name in _NAMES if name not in LEARNT}
        return shown | {"tags": list(self.tags)}

    def dump(self) -> dict[str, Any]:
        """Return the labels that are set, including ancestors, as plain JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name in _NAMES
            if (value := getattr(self, name))
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Labels":
        """Return the labels that `dump` wrote. Raises ValueError or TypeError for damaged input."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in dumped.items()
        }
        labels = cls(**known)
        texts = [one for value in known.values() for one in _texts(value)]
        if len(labels.ancestors) > MAX_ANCESTORS or not all(isinstance(one, str) for one in texts):
            raise ValueError("not labels")
        return labels

    def called(self, model: str | None, provider: str | None) -> "Labels":
        """The labels with the model and provider that the response names, if it names them."""
        model, provider = model or self.model, provider or self.provider
        if (model, provider) == (self.model, self.provider):
            return self
        return replace(
            self, model=model, provider=provider, model_resolved=None, provider_resolved=None
        )

    @property
    def lineage(self) -> str:
        """Workflow and ancestors as one text; an execution's row stores the first one."""
        return key(_IN, self.workflow_execution_id or "", *self.ancestors)

    def lineage_of(self, execution_id: str) -> str:
        """Return the lineage of this execution or of one of its ancestors."""
        line = (self.agent_execution_id, *self.ancestors)
        above = self.ancestors[line.index(execution_id) :]
        return key(_IN, self.workflow_execution_id or "", *above)

    def within(self, lineage: str) -> "Labels":
        """Return the labels with the workflow and ancestors of a stored lineage.

        Raises UnavailableError if the stored lineage is damaged.
        """
        try:
            workflow, ancestors = parse_lineage(lineage)
        except ValueError as fault:
            raise UnavailableError(
                "the stored lineage of a run is damaged", damaged=True
            ) from fault
        same = workflow == self.workflow_execution_id
        return replace(
            self,
            workflow_execution_id=workflow,
            run_workflow=self.run_workflow if same else None,
            parent_execution_id=ancestors[0] if ancestors else None,
            ancestors=ancestors,
        )


_NAMES = tuple(one.name for one in fields(Labels))


def parse_lineage(text: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the workflow and the ancestors of a lineage. Raises ValueError if it is damaged."""
    kind, *ids = parts(text)
    above = ids[1:] if ids and not ids[0] else ids
    if kind != _IN or not ids or len(ids) > MAX_ANCESTORS + 1 or not all(map(ID.fullmatch, above)):
        raise ValueError("not a lineage")
    return ids[0] or None, tuple(ids[1:])


def _texts(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def key(*values: str) -> str:
    """Join escaped parts to one text. Different parts always give different texts."""
    joined = "#".join(values)
    if "%" not in joined and joined.count("#") == len(values) - 1:
        return joined
    return "#".join(value.replace("%", "%25").replace("#", "%23") for value in values)


def parts(text: str) -> list[str]:
    """Return the parts that `key` joined."""
    return [part.replace("%23", "#").replace("%25", "%") for part in text.split("#")]
