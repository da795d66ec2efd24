"""Request fields, declared by the method of `Fields` that reads them.

A field's schema follows from that method and its limits. A test compares both with what the
handlers really read, so the document and the parser cannot differ.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from budget_monitor.entrypoints.door.fields import MAX_COUNT, MAX_RECORDS, TEXT_LENGTH
from budget_monitor.entrypoints.door.parsers import ARN_LENGTH
from budget_monitor.entrypoints.openapi.schemas import Schema, nullable, ref, words


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request: `reader` is the method of `Fields`, `limits` its arguments."""

    reader: str
    name: str
    says: str
    limits: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    null_says: str | None = None
    """The meaning of null, if it differs from leaving the field out."""
    of: tuple["Field", ...] = ()
    """The fields inside of it."""
    needs: tuple[Schema, ...] = ()
    """Schemas of the inner fields that must be given together."""
    as_type: str | None = None
    """Name of the document's schema with the inner fields, if they are many."""
    other: "Field | None" = None
    """The same field in another form."""

    @property
    def schema(self) -> Schema:
        """The JSON schema of the field, with its description."""
        made = self.plain
        if self.other is not None:
            made = {"anyOf": [made, self.other.plain]}
        if self.null_says is None:
            return {**made, "description": self.says}
        return {**nullable(made), "description": f"{self.says} {self.null_says}"}

    @property
    def inner_schema(self) -> Schema:
        """The schema of the object with the inner fields."""
        return object_of(self.of, self.needs)

    @property
    def plain(self) -> Schema:
        """The schema of the value, without its description."""
        made = _SCHEMAS[self.reader](*self.limits, **self.options)
        inner = self.inner_schema if self.as_type is None else ref(self.as_type)
        if self.reader == "inner":
            return inner
        if self.reader == "each":
            return {**made, "items": inner}
        return {**made, "allOf": list(self.needs)} if self.needs else made


def read(reader: str, name: str, says: str, *limits: Any, **options: Any) -> Field:
    """A field that `Fields.<reader>(name, *limits, **options)` reads."""
    return Field(reader, name, says, limits, options, required=reader in _REQUIRED)


def must(one: Field) -> Field:
    """The same field, which this operation requires."""
    return replace(one, required=True)


def or_null(one: Field, says: str) -> Field:
    """The same field; `says` is what null means."""
    return replace(one, null_says=says)


def optional(one: Field) -> Field:
    """The same field, which this operation does not require."""
    return replace(one, required=False)


def inside(
    outer: Field, *of: Field, needs: tuple[Schema, ...] = (), as_type: str | None = None
) -> Field:
    """The same field with these fields inside of it, perhaps in a schema of that name."""
    return replace(outer, of=of, needs=needs, as_type=as_type)


def or_as(one: Field, reader: str, *limits: Any, needs: tuple[Schema, ...] = ()) -> Field:
    """The same field, which another reader takes where the value meets `needs`."""
    return replace(one, other=Field(reader, one.name, one.says, limits, needs=needs))


def any_of(*names: str) -> Schema:
    """At least one of the fields must be given."""
    return {"anyOf": [{"required": [name]} for name in names]}


def one_of(*names: str) -> Schema:
    """Exactly one of the fields must be given."""
    return {"oneOf": [{"required": [name]} for name in names]}


def object_of(fields: Sequence[Field], needs: Sequence[Schema] = ()) -> dict[str, Any]:
    """The schema of an object with these fields and no others."""
    made: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: one.schema for one in fields},
        "additionalProperties": False,
    }
    required = [one.name for one in fields if one.required]
    return (
        made
        | ({"required": required} if required else {})
        | ({"allOf": list(needs)} if needs else {})
    )


_REQUIRED = {
    "id", "entry_id", "tenant", "id_in_path", "text", "amount", "token", "each", "records",
}  # fmt: skip
"""The methods that refuse a request without the field."""
_PRINCIPAL_PATTERN = r"^(arn:[a-z-]+:(iam|sts)::[0-9*]*:\S+|jwt:\S.*)$"
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _amount(*, signed: bool = False) -> Schema:
    return ref("SignedAmount" if signed else "Amount")


def _text(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _whole(least: int = 0, most: int = MAX_COUNT) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _many(items: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


_SCHEMAS: Mapping[str, Callable[..., Schema]] = {
    "id": lambda: ref("Id"),
    "optional_id": lambda: ref("Id"),
    "id_in_path": lambda: ref("Id"),
    "tenant": lambda: ref("Id"),
    "optional_tenant": lambda: ref("Id"),
    "idempotency_key": lambda: ref("Id"),
    "entry_id": lambda: ref("EntryId"),
    "caller_id": lambda: ref("NewId"),
    "name": lambda: ref("Name"),
    "text": lambda: _text(TEXT_LENGTH),
    "optional_text": lambda: _text(TEXT_LENGTH),
    "arn": lambda: {**_text(ARN_LENGTH), "pattern": "^arn:[ -~]*$"},
    "tags": lambda most: _many(ref("Name"), most),
    "principals": lambda most: _many({**_text(ARN_LENGTH), "pattern": _PRINCIPAL_PATTERN}, most),
    "amount": _amount,
    "optional_amount": _amount,
    "counts": lambda most, highest: _many(_whole(1, highest), most),
    "time_zone": lambda: {"type": "string", "minLength": 1, "format": "iana-time-zone"},
    "count": _whole,
    "instant": lambda: {"type": "string", "format": "date-time"},
    "month": lambda: ref("Month"),
    "day": lambda: {"type": "string", "format": "date", "pattern": _DAY},
    "flag": lambda *, default: {"type": "boolean", "default": default},
    "truth": lambda: {"type": "boolean"},
    "choice": words,
    "ids": lambda most: _many(ref("Id"), most, 1),
    "opaque": lambda: {"type": "string", "minLength": 1},
    "token": _text,
    "optional_token": _text,
    "inner": dict,
    "document": lambda most: {"type": "object", "x-max-bytes": most},
    "each": lambda most: _many({}, most, 1),
    "records": lambda: _many({"type": "object"}, MAX_RECORDS, 1),
}
"""The schema of what each method of `Fields` accepts."""
