"""The declaration of an operation, beside its handler's docstring."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from budget_monitor.domain.errors import BudgetMonitorError
from budget_monitor.entrypoints.openapi.fields import Field
from budget_monitor.entrypoints.openapi.schemas import Schema


@dataclass(frozen=True, slots=True)
class Example:
    """A request by the names of a direct invocation, and the examples that must run before it."""

    request: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """The request fields, the answer and the errors of one operation.

    `errors` are those beside the ones that every operation may answer. `creates`: 201 for
    something new, 200 for a replay or a refusal.
    """

    fields: tuple[Field, ...]
    answer: Schema
    example: Example = field(default_factory=Example)
    errors: tuple[type[BudgetMonitorError], ...] = ()
    creates: bool = False
    needs: tuple[Schema, ...] = ()
    """Schemas of the fields that must be given together."""
    more: Mapping[str, Example] = field(default_factory=dict)
    """Further examples by name."""


def of_system(said: Declared, example: Example) -> Declared:
    """The same operation for the system: it names no tenant."""
    fields = tuple(one for one in said.fields if one.name != "tenant_id")
    return replace(said, fields=fields, example=example, more={})
