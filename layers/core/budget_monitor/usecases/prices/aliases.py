"""Aliases of models: an Azure deployment, for example, has the price of the model it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from budget_monitor.domain.errors import ConflictError, NotFoundError
from budget_monitor.domain.prices.set_prices import Alias
from budget_monitor.domain.rules.rulebook import Rules
from budget_monitor.usecases.authority import refuse_owner
from budget_monitor.usecases.rules.rulebook import Applied, ChangeRules, Rulebook, RulesSnapshot

MAX_ALIASES = 200


@dataclass(frozen=True, slots=True)
class SetAlias:
    """A name, and the model and provider that it means."""

    name: str
    model: str
    provider: str | None


class Aliases:
    """The use cases of aliases. An alias only affects prices; labels stay as they are."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def set_alias(self, command: ChangeRules, asked: SetAlias) -> Applied:
        """Let a name mean a model from now on.

        Raises ConflictError for too many, and ForbiddenError if the caller is the tenant's owner.
        """

        def revise(before: RulesSnapshot) -> Rules:
            rules, who = before.rules, command.who
            refuse_owner(who, rules.owners, rules.tenant_id)
            said = (who.by, who.reason, rules.version + 1, who.principal)
            alias = Alias(asked.name, asked.model, asked.provider, *said)
            aliases = {**rules.aliases, asked.name.casefold(): alias}
            if len(aliases) > MAX_ALIASES:
                raise ConflictError(f"at most {MAX_ALIASES} aliases can be set: delete one")
            return replace(rules, aliases=aliases)

        return self._rulebook.change(command, revise, _shows(asked.name))

    def delete_alias(self, command: ChangeRules, name: str) -> Applied:
        """Remove an alias: the name means itself again. Raises NotFoundError and ForbiddenError."""

        def revise(before: RulesSnapshot) -> Rules:
            rules = before.rules
            refuse_owner(command.who, rules.owners, rules.tenant_id)
            if name.casefold() not in rules.aliases:
                raise NotFoundError(f"no alias {name} is set")
            left = {key: one for key, one in rules.aliases.items() if key != name.casefold()}
            return replace(rules, aliases=left)

        return self._rulebook.change(command, revise, _shows(name))

    def list_aliases(self, tenant_id: str) -> Sequence[tuple[str, Alias]]:
        """The aliases of the owner and those of the system, with their source."""
        ruling = self._rulebook.ruling(tenant_id)
        own = [(ruling.rules.source, one) for one in ruling.rules.aliases.values()]
        inherited = [("system", one) for one in ruling.system.aliases.values()]
        rows = own if ruling.rules.source == "system" else [*own, *inherited]
        return sorted(rows, key=lambda row: (row[1].name.casefold(), row[0]))


def _shows(name: str) -> Any:  # noqa: ANN401 - a function of rules
    def show(ruling: RulesSnapshot) -> Mapping[str, Any] | None:
        alias = ruling.rules.aliases.get(name.casefold())
        return {"alias": alias.dump() if alias else None}

    return show
