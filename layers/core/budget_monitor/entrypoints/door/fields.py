"""Read the fields of a request. Errors name the field."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from budget_monitor.domain.accounting.labels import ID
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, parse_month, render_instant
from budget_monitor.entrypoints.door import parsers
from budget_monitor.entrypoints.door.callers.access import UNPROVEN, Caller

T = TypeVar("T")

TEXT_LENGTH = 1024
MAX_RECORDS = 10_000
MAX_COUNT = 10**12


class Fields:
    """The fields of one request.

    Every method reads one field, keeps it in `canonical` if it was given, and raises
    ValidationError naming it if it is missing or malformed. Null counts as left out. `finish`
    refuses every field that was not read.
    """

    def __init__(self, raw: Mapping[str, Any], prefix: str = "", caller: Caller = UNPROVEN) -> None:
        self.caller = caller
        """Who sends the request."""
        self._raw = {name: value for name, value in raw.items() if value is not None}
        self._given = raw
        self._prefix = prefix
        self._read: set[str] = set()
        self.canonical: dict[str, Any] = {}

    @property
    def principal(self) -> str | None:
        """The signer of the request, or None if it was not signed."""
        return self.caller.principal

    @property
    def tenant_named(self) -> str | None:
        """The tenant that the request names, if it is an id; it counts as unread."""
        found = self._raw.get("tenant_id")
        return found if isinstance(found, str) and ID.fullmatch(found) else None

    def id(self, name: str) -> str:
        """An id: 1-128 of `A-Za-z0-9._:-`, beginning with a letter or digit."""
        return self._required(name, self.optional_id(name))

    def optional_id(self, name: str) -> str | None:
        """An id, or None."""
        return self._take(name, parsers.parse_id)

    def entry_id(self, name: str) -> str:
        """The id of an existing entry."""
        return self._required(name, self._take(name, parsers.parse_entry_id))

    def caller_id(self, name: str, *, canonical: bool = True) -> str | None:
        """The id of something new, chosen by the caller, or None. Refuses our own prefixes."""
        found = self._take(name, parsers.parse_id, canonical=canonical)
        parsers.refuse_taken(found, self.path(name))
        return found

    def key_or(self, operation: str, make: Callable[[], str]) -> Callable[[], str]:
        """A function that makes an id: always the same for one idempotency key, else a new one."""
        key = self.idempotency_key()
        if key is None:
            return make
        return lambda: f"key-{sha256(f'{operation}#{key}'.encode()).hexdigest()[:40]}"

    def idempotency_key(self) -> str | None:
        """The idempotency key of the whole request, or None. Not canonical."""
        return self._take("idempotency_key", parsers.parse_id, canonical=False)

    def tenant(self) -> str:
        """The tenant's id. It is part of every key, so it is not canonical."""
        return self._required("tenant_id", self.optional_tenant())

    def optional_tenant(self) -> str | None:
        """The tenant's id, or None. Not canonical."""
        return self._take("tenant_id", parsers.parse_id, canonical=False)

    def id_in_path(self, alias: str) -> str:
        """The id that the path calls `{id}`. A direct invocation uses the full name, or `id`."""
        short, full = self._take("id", parsers.parse_id, canonical=False), self.optional_id(alias)
        if short and full and short != full:
            raise ValidationError(f"{alias} and id differ; send one of the two", alias)
        found = self.canonical[alias] = self._required(alias, full or short)
        return found

    def name(self, name: str) -> str | None:
        """A name of 1-256 visible characters in NFC, trimmed; or None."""
        return self._take(name, parsers.parse_name)

    def text(self, name: str) -> str:
        """A sentence of 1-1024 characters without control characters."""
        return self._required(name, self.optional_text(name))

    def optional_text(self, name: str) -> str | None:
        """A sentence of 1-1024 characters without control characters, or None."""
        return self._take(name, lambda raw, field: parsers.parse_text(raw, field, TEXT_LENGTH))

    def arn(self, name: str) -> str | None:
        """An ARN of at most 2048 ASCII characters, or None."""
        return self._take(name, parsers.parse_arn)

    def tags(self, name: str, most: int) -> tuple[str, ...]:
        """A set of at most `most` names, in the caller's order; canonically they are sorted."""
        found = self._take(
            name, lambda raw, field: parsers.parse_tags(raw, field, most), dump=sorted
        )
        if not found:
            self.canonical.pop(name, None)
        return found or ()

    def amount(self, name: str, *, signed: bool = False) -> Decimal:
        """An amount in USD."""
        return self._required(name, self.optional_amount(name, signed=signed))

    def optional_amount(self, name: str, *, signed: bool = False) -> Decimal | None:
        """An amount in USD, or None."""
        return self._take(
            name, lambda raw, field: parse_amount(raw, field, signed=signed), dump=render
        )

    def is_given(self, name: str) -> bool:
        """True if the field is present, even if it is null."""
        return name in self._given

    def is_object(self, name: str) -> bool:
        """True if the field has fields of its own."""
        return isinstance(self._given.get(name), dict)

    def says_none(self, name: str) -> bool:
        """True if the field is null, if null has a meaning of its own. A retry must repeat it."""
        self._read.add(name)
        if name not in self._given or name in self._raw:
            return False
        self.canonical[name] = "none"
        return True

    def counts(self, name: str, most: int, highest: int) -> tuple[int, ...] | None:
        """A list of at most `most` whole numbers from 1 to `highest`, or None."""
        return self._take(
            name, lambda raw, field: parsers.parse_counts(raw, field, most, highest), dump=list
        )

    def time_zone(self, name: str) -> str | None:
        """The name of an IANA time zone, or None."""
        return self._take(name, parsers.parse_time_zone)

    def count(self, name: str, least: int = 0, most: int = MAX_COUNT) -> int | None:
        """A whole number, or None. In a query it is written in digits."""
        return self._take(name, lambda raw, field: parsers.parse_count(raw, field, least, most))

    def instant(self, name: str) -> datetime | None:
        """An RFC 3339 date-time with an offset, or None."""
        return self._take(name, parse_instant, dump=render_instant)

    def month(self, name: str) -> str | None:
        """A month such as `2026-11`, or None."""
        return self._take(name, parse_month)

    def day(self, name: str) -> date | None:
        """A day such as `2026-11-22`, or None."""
        return self._take(name, parsers.parse_day, dump=date.isoformat)

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false. Not canonical: it does not change what is stored."""
        found = self._take(name, parsers.parse_flag, canonical=False)
        return default if found is None else found

    def truth(self, name: str) -> bool | None:
        """True or false, or None. It is part of the canonical request."""
        return self._take(name, parsers.parse_flag)

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of the words, or None."""
        return self._take(name, lambda raw, field: parsers.parse_choice(raw, field, choices))

    def principals(self, name: str, most: int) -> tuple[str, ...] | None:
        """ARNs and subjects of tokens, at most `most`, or None."""
        return self._take(
            name, lambda raw, field: parsers.parse_principals(raw, field, most), dump=sorted
        )

    def ids(self, name: str, most: int) -> Sequence[str] | None:
        """A list of 1 to `most` ids, or None."""
        found = self._take(name, lambda raw, field: parsers.parse_list(raw, field, most))
        here = self._prefix + name
        return found and [parsers.parse_id(one, f"{here}[{n}]") for n, one in enumerate(found)]

    def opaque(self, name: str) -> str | None:
        """A text from an earlier answer, such as a cursor, or None. Not canonical."""
        return self._take(name, parsers.parse_opaque, canonical=False)

    def token(self, name: str, most: int) -> str:
        """A text of at most `most` characters from another service."""
        return self._required(name, self.optional_token(name, most))

    def optional_token(self, name: str, most: int) -> str | None:
        """A text of at most so many characters from another service, or None."""
        return self._take(name, lambda raw, field: parsers.parse_text(raw, field, most))

    def inner(self, name: str) -> "Fields | None":
        """An object with fields of its own, or None."""
        found = self._take(name, parsers.parse_object, canonical=False)
        return None if found is None else Fields(found, f"{self._prefix}{name}.", self.caller)

    def records(self, name: str) -> list[Any]:
        """A list of JSON values from another service, unchanged. Not canonical."""
        found = self._take(
            name, lambda raw, field: parsers.parse_list(raw, field, MAX_RECORDS), canonical=False
        )
        return self._required(name, found)

    def document(self, name: str, most: int) -> dict[str, Any] | None:
        """A JSON object of at most so many bytes whose fields are not checked, or None."""
        return self._take(name, lambda raw, field: parsers.parse_document(raw, field, most))

    def each(self, name: str, most: int) -> "list[Fields]":
        """A list of 1 to `most` objects, each with fields of its own."""
        found = self._take(
            name, lambda raw, field: parsers.parse_list(raw, field, most), canonical=False
        )
        here = self._prefix + name
        return [
            Fields(parsers.parse_object(one, f"{here}[{index}]"), f"{here}[{index}].", self.caller)
            for index, one in enumerate(self._required(name, found))
        ]

    def gives(self, name: str) -> bool:
        """True if anything was given under the name."""
        return name in self._raw

    def path(self, name: str) -> str:
        """The field's full name, as in errors."""
        return self._prefix + name

    def missing(self, name: str) -> ValidationError:
        """The error for a required field that is missing."""
        return ValidationError(f"{self.path(name)} is required", self.path(name))

    def finish(self) -> dict[str, Any]:
        """The canonical request. Raises ValidationError for a field that was not read."""
        for name in self._given:
            if name not in self._read:
                field = self._prefix + parsers.printable(name)
                raise ValidationError(f"{field} is not a field of this operation", field)
        return self.canonical

    def _take(
        self,
        name: str,
        parse: Callable[[Any, str], T],
        *,
        canonical: bool = True,
        dump: Callable[[T], Any] = lambda value: value,
    ) -> T | None:
        self._read.add(name)
        if name not in self._raw:
            return None
        value = parse(self._raw[name], self._prefix + name)
        if canonical:
            self.canonical[name] = dump(value)
        return value

    def _required(self, name: str, value: T | None) -> T:
        if value is None:
            raise self.missing(name)
        return value
