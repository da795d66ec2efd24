"""The operations of aliases and of newer editions of the price list."""

from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.prices.set_prices import Alias, PriceListEdition
from budget_monitor.entrypoints.budgeting.request import Services, command_of, versioned
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.prices.aliases import SetAlias

_Context = RequestContext[Services]


def set_alias(context: _Context, fields: Fields) -> Answer:
    """Let a tenant's own name mean a model: its calls get that model's price."""
    tenant_id = fields.optional_tenant() or SYSTEM
    name, model = fields.name("alias"), fields.name("model")
    for field, given in (("alias", name), ("model", model)):
        if given is None:
            raise fields.missing(field)
    asked = SetAlias(name or "", model or "", fields.name("provider"))
    done = context.services.aliases.set_alias(versioned(fields, tenant_id, "set_alias"), asked)
    shown = done.change["after"]["alias"]
    return Answer(
        {**_owned(tenant_id), **shown, "version": done.version, "replayed": done.replayed}
    )


def delete_alias(context: _Context, fields: Fields) -> Answer:
    """Remove an alias: the name means itself again."""
    tenant_id, name = fields.optional_tenant() or SYSTEM, fields.name("alias")
    if name is None:
        raise fields.missing("alias")
    done = context.services.aliases.delete_alias(versioned(fields, tenant_id, "delete_alias"), name)
    body = {
        **_owned(tenant_id),
        "alias": name,
        "deleted": True,
        "principal": done.change["principal"],
    }
    return Answer({**body, "version": done.version, "replayed": done.replayed})


def list_aliases(context: _Context, fields: Fields) -> Answer:
    """The aliases that apply to the tenant, its own and the system's."""
    tenant_id = fields.optional_tenant() or SYSTEM
    fields.finish()
    found = context.services.aliases.list_aliases(tenant_id)
    return Answer({"items": [_alias(one, source) for source, one in found]})


def set_price_list(context: _Context, fields: Fields) -> Answer:
    """Put a newer edition of the published prices in place, from a moment on."""
    key = fields.text("key")
    version, dated = fields.optional_text("object_version"), fields.day("dated")
    since = fields.instant("from")
    command = command_of(fields, SYSTEM, "set_price_list")
    done = context.services.price_lists.put(command, key, version, dated, since)
    return Answer({**_edition(done.edition), "version": done.version, "replayed": done.replayed})


def list_price_lists(context: _Context, fields: Fields) -> Answer:
    """The editions of the published prices, and the one in force."""
    fields.finish()
    found = context.services.price_lists.editions()
    return Answer(
        {
            "bundled": {"version": found.bundled[0], "dated": found.bundled[1].isoformat()},
            "in_force": _edition(found.in_force) if found.in_force else None,
            "items": [_edition(one) for one in found.items],
        }
    )


def _owned(tenant_id: str) -> dict[str, Any]:
    return {"tenant_id": None if tenant_id == SYSTEM else tenant_id}


def _alias(alias: Alias, source: str) -> dict[str, Any]:
    return {**alias.dump(), "source": source}


def _edition(edition: PriceListEdition) -> dict[str, Any]:
    return edition.dump()


_ALIASES, _LIST = "/tenants/{tenant_id}/prices/aliases", "/system/prices/list"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("set_alias", "PUT", _ALIASES, set_alias),
    Operation("delete_alias", "DELETE", _ALIASES, delete_alias),
    Operation("list_aliases", "GET", _ALIASES, list_aliases),
    Operation("set_price_list", "PUT", _LIST, set_price_list),
    Operation("list_price_lists", "GET", _LIST, list_price_lists),
)
