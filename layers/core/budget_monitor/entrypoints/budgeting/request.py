"""Read who changes something, why, and under which id or key."""

from dataclasses import dataclass, replace

from budget_monitor.domain.requests import OPERATION
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.idempotency import keyed, with_id
from budget_monitor.usecases.approvals.approvals import Approvals
from budget_monitor.usecases.approvals.set_authority import AuthoritySetting
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.costs.erase_tenant import TenantErasure
from budget_monitor.usecases.prices.aliases import Aliases
from budget_monitor.usecases.prices.price_lists import PriceLists
from budget_monitor.usecases.prices.set_prices import PriceSetting
from budget_monitor.usecases.rules.budget_names import BudgetNames
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.history import HistoryReader
from budget_monitor.usecases.rules.limit_watch import LimitWatch
from budget_monitor.usecases.rules.rulebook import ChangeRules
from budget_monitor.usecases.rules.seen_names import SeenNames
from budget_monitor.usecases.rules.tenants import Tenants
from budget_monitor.usecases.workflows.pause import Pausing
from budget_monitor.usecases.workflows.runs import WorkflowReader


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the budgeting function."""

    budgeting: Budgeting
    budget_usage: BudgetUsage
    limit_watch: LimitWatch
    prices: PriceSetting
    tenants: Tenants
    pausing: Pausing
    histories: HistoryReader
    runs: WorkflowReader
    aliases: Aliases
    price_lists: PriceLists
    names: BudgetNames
    seen: SeenNames
    erasure: TenantErasure
    approvals: Approvals
    authority: AuthoritySetting


def who(fields: Fields) -> Who:
    """Who decides and why. Both fields are required."""
    return Who(fields.text("by"), fields.text("reason"), fields.principal, fields.caller.is_owner)


def command_of(fields: Fields, tenant_id: str, operation: str) -> ChangeRules:
    """The change with all fields that were read. Call it last: it refuses unknown fields."""
    decider, key = who(fields), fields.idempotency_key()
    request = {one: value for one, value in fields.finish().items() if value is not None}
    whole_key = keyed(tenant_id, key, {OPERATION: operation, **request})
    return ChangeRules(tenant_id, decider, operation, request, key=whole_key)


def versioned(fields: Fields, tenant_id: str, operation: str) -> ChangeRules:
    """As `command_of`, for a change that may be conditional on the version of the owner's rules."""
    expected = fields.count("expected_version")
    return replace(command_of(fields, tenant_id, operation), expected_version=expected)


def with_name(command: ChangeRules, id_field: str, given: str | None, name: str) -> ChangeRules:
    """The change under its own id: the one given, or `name`, which we made."""
    key = command.key
    if key is not None:
        whole = with_id(command.request, command.operation, id_field, given)
        key = keyed(key.tenant_id, key.idempotency_key, whole, {id_field: name})
    return replace(command, name=name, id_field=id_field, key=key)
