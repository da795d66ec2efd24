"""Names of a tenant's own for models, and newer price lists."""

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import must, read
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    DAY,
    FLAG,
    NUMBER,
    SIGNED,
    TEXT,
    TIME,
    Schema,
    list_of,
    nullable,
    ref,
    shape,
    words,
)

_ALIAS_NAME = must(
    read("name", "alias", "The tenant's own name, for example that of an Azure deployment.")
)
_DECIDED: dict[str, Schema] = {"by": TEXT, "reason": TEXT, "version": NUMBER}
_MADE: dict[str, Schema] = {"version": NUMBER, "replayed": FLAG}
_ALIAS: dict[str, Schema] = {
    "alias": TEXT,
    "model": TEXT,
    "provider": nullable(TEXT),
    **_DECIDED,
}
_EDITION: dict[str, Schema] = {
    "key": TEXT,
    "object_version": TEXT,
    "sha256": TEXT,
    "dated": DAY,
    "from": TIME,
    **_DECIDED,
}
_OURS = {"tenant_id": "acme", "alias": "our-gpt4o"}
_WHY = {"by": "maria", "reason": "The deployment of November"}
_SAID = (*shared.BY_REASON, shared.KEY)
_EDITED = (shared.EXPECTED_VERSION, *_SAID)

SCHEMAS: dict[str, Schema] = {
    "Alias": shape({**_ALIAS, "source": words(("tenant", "system"))}, SIGNED),
    "PriceListEdition": shape(_EDITION, SIGNED),
}

DECLARED: dict[str, Declared] = {
    "set_alias": Declared(
        fields=(
            shared.TENANT,
            _ALIAS_NAME,
            must(read("name", "model", "The model that it means.")),
            read("name", "provider", "The provider of that model; the call's unless given."),
            *_EDITED,
        ),
        answer=shape({"tenant_id": nullable(TEXT), **_ALIAS, "replayed": FLAG}, SIGNED),
        errors=(ConflictError, ForbiddenError),
        example=Example({**_OURS, "model": "gpt-4o", "provider": "openai", **_WHY}),
    ),
    "delete_alias": Declared(
        fields=(shared.TENANT, _ALIAS_NAME, *_EDITED),
        answer=shape(
            {"tenant_id": nullable(TEXT), "alias": TEXT, "deleted": FLAG, **_MADE}, SIGNED
        ),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_OURS, **_WHY}, after=("set_alias",)),
    ),
    "list_aliases": Declared(
        fields=(shared.TENANT,),
        answer=shape({"items": list_of(ref("Alias"))}),
        example=Example({"tenant_id": "acme"}, after=("set_alias",)),
    ),
    "set_price_list": Declared(
        fields=(
            read("text", "key", "The file's key in the stack's bucket of price lists."),
            read(
                "optional_text",
                "object_version",
                "The file's version in the bucket; the latest one unless given.",
            ),
            read("day", "dated", "The date of the file's prices; today unless given."),
            read("instant", "from", "From when on the file is the price list; now unless given."),
            *_SAID,
        ),
        answer=shape({**_EDITION, "replayed": FLAG}, SIGNED),
        errors=(ConflictError,),
        example=Example(
            {
                "key": "prices/2026-11-20.json",
                "dated": "2026-11-20",
                "by": "maria",
                "reason": "New prices of November",
            }
        ),
    ),
    "list_price_lists": Declared(
        fields=(),
        answer=shape(
            {
                "bundled": shape({"version": TEXT, "dated": DAY}),
                "in_force": {
                    **nullable(ref("PriceListEdition")),
                    "description": "Null: the list that came with the code.",
                },
                "items": list_of(ref("PriceListEdition")),
            }
        ),
        example=Example(after=("set_price_list",)),
    ),
    "watch_prices": Declared(
        fields=(), answer=shape({"version": TEXT, "dated": DAY, "age_days": COUNT})
    ),
}
