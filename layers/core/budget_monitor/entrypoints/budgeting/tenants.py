"""The operations of tenants: settings and suspension."""

from budget_monitor.domain.calendars import MAX_FIRST_DAY
from budget_monitor.domain.costs.usage import PROVIDER
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.signers import MAX_OWNERS
from budget_monitor.entrypoints.budgeting.rate_fields import read_unit_prices
from budget_monitor.entrypoints.budgeting.request import Services, command_of, versioned
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.rules.rulebook import Applied, ChangeRules
from budget_monitor.usecases.rules.tenants import Settings, public_settings

_Context = RequestContext[Services]


def get_tenant(context: _Context, fields: Fields) -> Answer:
    """Return a tenant's settings and state."""
    tenant_id = fields.tenant()
    fields.finish()
    found = context.services.tenants.get_tenant(tenant_id)
    stripes = context.services.tenants.stripes(tenant_id)
    body = {"tenant_id": tenant_id, **public_settings(found), "stripes": stripes}
    return Answer({**body, "version": found.rules.version, "replayed": False})


def set_tenant(context: _Context, fields: Fields) -> Answer:
    """Change a tenant's settings. Fields that are left out stay as they are."""
    tenant_id = fields.tenant()
    settings = Settings(
        fields.time_zone("time_zone"),
        fields.name("owner"),
        _fallback(fields),
        _owners(fields),
        no_owner=fields.says_none("owner"),
        no_fallback=fields.says_none("fallback_price"),
        max_per_entry=fields.optional_amount("most_per_entry_usd"),
        no_max_per_entry=fields.says_none("most_per_entry_usd"),
        month_starts_on=fields.count("month_starts_on", 1, MAX_FIRST_DAY),
        trusts_provider=_trust(fields),
    )
    command = versioned(fields, tenant_id, "set_tenant")
    return _tenant(command, context.services.tenants.set_tenant(command, settings))


def _owners(fields: Fields) -> tuple[str, ...] | None:
    """Return the principals that own the tenant; null and an empty list remove all of them."""
    found = fields.principals("owners", MAX_OWNERS)
    return () if fields.says_none("owners") else found


def _trust(fields: Fields) -> bool | None:
    """Return whether costs in usage objects are booked; null restores the default."""
    if fields.says_none("trust"):
        return False
    return True if fields.choice("trust", (PROVIDER,)) else None


def _fallback(fields: Fields) -> Rates | None:
    inner = fields.inner("fallback_price")
    if inner is None:
        return None
    by_name = read_unit_prices(inner)
    for name in ("input_usd_per_million", "output_usd_per_million"):
        if name not in by_name:
            raise inner.missing(name)
    if not any(by_name.values()):
        field = fields.path("fallback_price")
        raise ValidationError(
            f"{field} must not be zero: models without a price would be free", field
        )
    fields.canonical["fallback_price"] = inner.finish()
    return Rates(by_name)


def suspend(context: _Context, fields: Fields) -> Answer:
    """Suspend a tenant (kill switch): new spend is refused, costs are still recorded."""
    command = command_of(fields, fields.tenant(), "suspend")
    return _tenant(command, context.services.tenants.suspend(command))


def reinstate(context: _Context, fields: Fields) -> Answer:
    """End a tenant's suspension."""
    command = command_of(fields, fields.tenant(), "reinstate")
    return _tenant(command, context.services.tenants.reinstate(command))


def delete_tenant(context: _Context, fields: Fields) -> Answer:
    """Erase what names people and keep the sums. Repeat it until the state is `erased`."""
    command = command_of(fields, fields.tenant(), "delete_tenant")
    done = context.services.erasure.erase(command)
    state = "erased" if done.done else "erasing"
    body = {"tenant_id": command.tenant_id, "state": state, "steps": done.steps}
    return Answer({**body, "principal": command.who.principal})


def _tenant(command: ChangeRules, made: Applied) -> Answer:
    body = {"tenant_id": command.tenant_id, **made.change["after"]}
    signer = made.change["principal"]
    return Answer({**body, "version": made.version, "replayed": made.replayed, "principal": signer})


_TENANT = "/tenants/{tenant_id}"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("get_tenant", "GET", _TENANT, get_tenant),
    Operation("set_tenant", "PUT", _TENANT, set_tenant),
    Operation("delete_tenant", "DELETE", _TENANT, delete_tenant),
    Operation("suspend", "POST", f"{_TENANT}/suspend", suspend),
    Operation("reinstate", "POST", f"{_TENANT}/reinstate", reinstate),
)
