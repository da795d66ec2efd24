"""Find the custom budgets that apply to a request, and for which of its names.

A budget is for everyone of its scope, for one name, for a family of models (`claude-*`), or for
each name by itself (`*`). Models and providers are compared as the price list calls them; a family
also takes models that were said so.
"""

from collections.abc import Callable, Iterator, Sequence

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    PROVIDER,
    SYSTEM_SCOPE,
    TAG,
    TENANT,
    USER,
    WORKFLOW,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.names import EACH, is_family, one_spelling
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.values import dataclass

EACH_SCOPES = frozenset({USER, AGENT, MODEL, TAG, WORKFLOW, PROVIDER})
"""The scopes of which a budget may be for each name by itself."""
LISTED_SCOPES = frozenset({MODEL, PROVIDER})
"""The scopes whose names are those of the price list."""


@dataclass(frozen=True, slots=True)
class ListedNames:
    """What the price list calls a provider and a model; as they were said where it has neither."""

    provider: str | None
    model: str | None


ModelNames = Callable[[str | None, str | None], ListedNames]
"""Resolves what a request or a budget says, first the provider, as prices do."""


def as_said(provider: str | None, model: str | None) -> ListedNames:
    """Return names as they were sent: without a price list, only the case is ignored."""
    return ListedNames(provider and provider.casefold(), model and model.casefold())


def with_aliases(
    models: ModelNames, meant: Callable[[str, str | None], tuple[str, str | None]]
) -> ModelNames:
    """Resolve names that people set as aliases first, as prices do."""

    def resolve(provider: str | None, model: str | None) -> ListedNames:
        if model is not None:
            model, provider = meant(model, provider)
        return models(provider, model)

    return resolve


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds the budgets of a policy that a request meets."""

    budgets: Sequence[Budget]
    models: ModelNames = as_said

    def meets(self, labels: Labels | None) -> Iterator[tuple[Budget, str | None]]:
        """The budgets that are not for single runs; of a `*` budget also the name that it counts.

        None: of any labels, without `*` budgets, whose accounts have no known names.
        """
        for budget in self.budgets:
            if budget.period == RUN:
                continue
            if labels is None or budget.scope in {TENANT, SYSTEM_SCOPE}:
                if not budget.is_each:
                    yield budget, None
                continue
            names = self._said(budget.scope, labels)
            if is_family(budget.scope_id) and budget.scope == MODEL and labels.model:
                names = (*names, labels.model.casefold())
            if budget.is_each:
                yield from ((budget, one) for one in names if not self._overrides(budget, one))
            elif any(self._is_for(budget, one) for one in names):
                yield budget, None

    def of_run(self, scopes: set[str], name: str | None) -> list[Budget]:
        """The budgets for single runs of these scopes and of this name."""
        found = [one for one in self.budgets if one.period == RUN and one.scope in scopes]
        return [
            one
            for one in found
            if one.scope_id is None
            or (name is not None and one.is_each and not self._overrides(one, name))
            or (name is not None and not one.is_each and self._is_for(one, name))
        ]

    def replaced_by(self, budget: Budget) -> list[Budget]:
        """Return the `*` budgets that it replaces for its name."""
        if not budget.is_for_a_name or not budget.enforces:
            return []
        return [
            one
            for one in self.budgets
            if one.is_each and (one.scope, one.period) == (budget.scope, budget.period)
        ]

    def resolved(self, labels: Labels) -> ListedNames:
        """Return the price list's names of the request's provider and model."""
        if labels.model_resolved or labels.provider_resolved:
            return ListedNames(labels.provider_resolved, labels.model_resolved)
        if not (labels.model or labels.provider):
            return ListedNames(None, None)
        return self.models(labels.provider, labels.model)

    def _said(self, scope: str, labels: Labels) -> tuple[str, ...]:
        """Return the names of that scope in a request, each once."""
        if scope == TAG:
            return labels.tags
        if scope in LISTED_SCOPES:
            listed = self.resolved(labels)
            said = listed.model if scope == MODEL else listed.provider
        else:
            said = {
                WORKFLOW: labels.run_workflow or labels.workflow,
                AGENT: labels.run_agent or labels.agent,
                USER: labels.user,
            }.get(scope)
        return (said,) if said else ()

    def _is_for(self, budget: Budget, name: str) -> bool:
        """True if a budget with a name applies to this one."""
        own = budget.scope_id or ""
        if budget.scope == MODEL and is_family(own):
            return name.startswith(own.removesuffix(EACH).casefold())
        if budget.scope == MODEL:
            return self.models(None, own).model == name
        if budget.scope == PROVIDER:
            return self.models(own, None).provider == name
        return one_spelling(own) == name

    def _overrides(self, each: Budget, name: str) -> bool:
        """True if another budget replaces a `*` budget for this name."""
        return any(
            each in self.replaced_by(one) and self._is_for(one, name)
            for one in self.budgets
            if one.scope == each.scope and one is not each
        )


RUN_SCOPES = {EXECUTION: {EXECUTION, AGENT}, WORKFLOW: {WORKFLOW}}
"""The scopes of the budgets for single runs, by the scope of the run's account."""
