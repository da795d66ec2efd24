"""JSON schemas of values and answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from budget_monitor.domain.accounting.labels import ID
from budget_monitor.domain.costs.ledger import SETTLEMENT_PREFIX
from budget_monitor.domain.money import PLACES
from budget_monitor.entrypoints.door.parsers import NAME_LENGTH, RESERVED_PREFIXES

Schema = Mapping[str, Any]

_ID = f"^{ID.pattern}$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$"
_DECIMAL = rf"0*[0-9]{{1,12}}(\.[0-9]{{1,{PLACES}}}0*)?"
_YEAR = "19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|9990"


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if {"type": "null"} in schema.get("anyOf", ()):
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Schema) -> Schema:
    """A list of such values."""
    return {"type": "array", "items": schema}


def words(choices: Sequence[str]) -> Schema:
    """One of the words."""
    return {"type": "string", "enum": list(choices)}


def shape(properties: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object of an answer: all `properties`, perhaps some of the optional ones, nothing else."""
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


def page_of(schema: Schema, **more: Schema) -> Schema:
    """A page of a list."""
    return shape({**more, "items": list_of(schema), "cursor": CURSOR})


TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SUM: Schema = {"type": "integer"}
"""A sum of tokens or calls: negative after corrections, and where a limit was passed."""
NUMBER: Schema = {"type": "integer", "minimum": 1}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
USD, TIME, PERCENT, DECIMAL = ref("Usd"), ref("Time"), ref("Percent"), ref("Decimal")
SIGNER = ref("Signer")
SIGNED: dict[str, Schema] = {"principal": SIGNER}
"""The signer; the field is left out if the request was not signed."""
CURSOR: Schema = {
    **nullable(TEXT),
    "description": "Send it back as `cursor` to read the next page; null on the last page.",
}

VALUES: Mapping[str, Schema] = {
    "Id": {"type": "string", "pattern": _ID},
    "NewId": {
        "type": "string",
        "pattern": _ID,
        "not": {"pattern": f"^({'|'.join(RESERVED_PREFIXES)})"},
    },
    "Signer": {
        **nullable(TEXT),
        "description": "Who signed the request: an ARN of IAM, `jwt:` and the subject of a token, "
        "or `alias:` and the alias that was invoked; null: nothing proves who it was.",
    },
    "EntryId": {
        "type": "string",
        "pattern": rf"^({SETTLEMENT_PREFIX}(\.(true|draw):)?)?{ID.pattern}$",
    },
    "Name": {
        "type": "string",
        "minLength": 1,
        "maxLength": NAME_LENGTH,
        "format": "name",
        "description": "Trimmed and in NFC. Characters that show nothing are refused.",
    },
    "Amount": {
        "description": f"USD, at most {PLACES} decimal places. A string is exact everywhere.",
        "anyOf": [
            {"type": "string", "pattern": f"^{_DECIMAL}$"},
            {"type": "number", "minimum": 0, "exclusiveMaximum": 10**12},
        ],
    },
    "SignedAmount": {
        "description": f"USD, at most {PLACES} decimal places; negative amounts are allowed.",
        "anyOf": [
            {"type": "string", "pattern": f"^-?{_DECIMAL}$"},
            {"type": "number", "exclusiveMinimum": -(10**12), "exclusiveMaximum": 10**12},
        ],
    },
    "Month": {"type": "string", "pattern": f"^({_YEAR})-(0[1-9]|1[0-2])$"},
    "Usd": {
        "type": "string",
        "pattern": rf"^-?[0-9]+(\.[0-9]{{1,{PLACES}}})?$",
        "description": "USD as an exact decimal string without an exponent.",
    },
    "Decimal": {
        "type": "string",
        "pattern": r"^[0-9]+(\.[0-9]+)?$",
        "description": "An exact decimal string without an exponent, with any number of places.",
    },
    "Percent": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,2})?$"},
    "Time": {
        "type": "string",
        "format": "date-time",
        "pattern": _TIME,
        "description": "RFC 3339, in UTC.",
    },
}
"""The schemas of single values, by name."""
