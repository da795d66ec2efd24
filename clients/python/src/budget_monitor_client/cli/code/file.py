"""Read budgets.yaml. Decimals must be quoted; errors name unknown fields."""

from __future__ import annotations

import inspect
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from budget_monitor_client.cli.exits import CommandError
from budget_monitor_client.client import BudgetMonitor

FORMAT = 1
_WHO = {"self", "tenant_id", "budget_id", "by", "reason", "idempotency_key", "expected_version"}


def _fields(operation: str) -> frozenset[str]:
    """The fields of the file that an operation takes."""
    names = inspect.signature(getattr(BudgetMonitor, operation)).parameters
    return frozenset(name.rstrip("_") for name in names if name not in _WHO)


BUDGET_FIELDS = _fields("set_budget")
PRICE_FIELDS = _fields("set_price") - {"prices"} | {"ends"}
ALIAS_FIELDS = _fields("set_alias") - {"alias"}
SETTINGS = _fields("set_tenant")
AUTHORITY_FIELDS = _fields("set_authority")
APPROVER_FIELDS = frozenset({"signer", "by", "link", "up_to_usd"})
ESCALATION_FIELDS = frozenset({"after_seconds", "to"})
TIME_OUT_FIELDS = frozenset({"after_seconds", "decision", "up_to_usd"})
_OF_SYSTEM = {"budgets", "prices", "authority"}
_OF_TENANT = {*_OF_SYSTEM, "settings", "aliases"}


@dataclass(frozen=True)
class WantedRules:
    """The wanted rules of one owner. None: not in the file, so it stays as it is."""

    settings: Mapping[str, Any] | None = None
    budgets: Mapping[str, Mapping[str, Any]] | None = None
    prices: tuple[Mapping[str, Any], ...] | None = None
    aliases: Mapping[str, Mapping[str, Any]] | None = None
    authority: Mapping[str, Any] | None = None
    """Who may approve; empty: the system's rules, or the defaults."""


@dataclass(frozen=True)
class Wanted:
    """The content of the file: rules of the system and of tenants."""

    system: WantedRules | None = None
    tenants: Mapping[str, WantedRules] = field(default_factory=dict)

    def owners(self) -> Iterator[tuple[str | None, WantedRules]]:
        """Return each owner with its rules, the system first, as None."""
        if self.system is not None:
            yield None, self.system
        yield from self.tenants.items()


def load(path: Path) -> Wanted:
    """Return the content of the file. Raises CommandError naming the place of an error."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    try:
        return parse(text)
    except yaml.YAMLError as error:
        raise CommandError(f"{path} is no YAML: {error}") from error
    except CommandError as error:
        raise CommandError(f"{path}: {error}", error.code, error.hint) from error


def parse(text: str) -> Wanted:
    """Return the content of the text. Raises CommandError, and YAMLError for invalid YAML."""
    whole = _refuse_floats(yaml.load(text, Loader=_Loader), "")  # noqa: S506 - a SafeLoader
    top = _mapping(whole, "the file", {"format", "system", "tenants"})
    if top.get("format") != FORMAT:
        raise CommandError(f"format: write `format: {FORMAT}`, not {top.get('format')!r}")
    tenants = _mapping(top.get("tenants") or {}, "tenants")
    system = top.get("system")
    return Wanted(
        None if system is None else _rules(system, "system", _OF_SYSTEM),
        {
            str(name): _rules(one or {}, f"tenants.{name}", _OF_TENANT)
            for name, one in tenants.items()
        },
    )


def _rules(given: object, path: str, sections: set[str]) -> WantedRules:
    said = _mapping(given, path, sections)
    settings, prices, authority = map(said.get, ("settings", "prices", "authority"))
    here = f"{path}.settings"
    return WantedRules(
        None if settings is None else _mapping(settings, here, SETTINGS),
        _named(said.get("budgets"), f"{path}.budgets", BUDGET_FIELDS),
        None if prices is None else _prices(prices, f"{path}.prices"),
        _named(said.get("aliases"), f"{path}.aliases", ALIAS_FIELDS),
        None if authority is None else _authority(authority, f"{path}.authority"),
    )


def _named(
    given: object, path: str, fields: frozenset[str]
) -> Mapping[str, Mapping[str, Any]] | None:
    if given is None:
        return None
    named = _mapping(given, path)
    return {str(name): _mapping(one, f"{path}.{name}", fields) for name, one in named.items()}


def _prices(given: object, path: str) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(given, list):
        raise CommandError(f"{path} must be a list of prices")
    found = []
    for number, one in enumerate(given):
        here = f"{path}[{number}]"
        price = _mapping(one, here, PRICE_FIELDS)
        if not isinstance(price.get("model"), str):
            raise CommandError(f"{here}.model is required: the model's name, or '*'")
        found.append(price)
    return tuple(found)


def _authority(given: object, path: str) -> Mapping[str, Any]:
    said = _mapping(given, path, AUTHORITY_FIELDS)
    approvers = said.get("approvers")
    if not isinstance(approvers, (list, type(None))):
        raise CommandError(f"{path}.approvers must be a list")
    for number, one in enumerate(approvers or ()):
        _mapping(one, f"{path}.approvers[{number}]", APPROVER_FIELDS)
    for name, fields in (("escalation", ESCALATION_FIELDS), ("time_out", TIME_OUT_FIELDS)):
        if said.get(name) is not None:
            _mapping(said[name], f"{path}.{name}", fields)
    return said


def _mapping(
    given: object, path: str, fields: set[str] | frozenset[str] | None = None
) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise CommandError(f"{path} must have fields, and is {given!r}")
    unknown = sorted(str(name) for name in given if fields is not None and name not in fields)
    if unknown:
        known = ", ".join(sorted(fields or ()))
        raise CommandError(f"{path}.{unknown[0]} is no field", hint=f"Fields here: {known}.")
    return given


@dataclass(frozen=True)
class _Unquoted:
    """An unquoted decimal, as it is written."""

    text: str


def _refuse_floats(value: Any, path: str) -> Any:  # noqa: ANN401 - YAML
    """Return the value. Raises CommandError for a number that is neither quoted nor whole."""
    if isinstance(value, _Unquoted):
        raise CommandError(
            f"{path} is {value.text} without quotes, which loses digits",
            hint=f'Write "{value.text}".',
        )
    if isinstance(value, dict):
        return {
            name: _refuse_floats(one, f"{path}.{name}".lstrip(".")) for name, one in value.items()
        }
    if isinstance(value, list):
        return [_refuse_floats(one, f"{path}[{number}]") for number, one in enumerate(value)]
    return value


class _Loader(yaml.SafeLoader):
    """YAML in which only true, false, null and decimal numbers are not text. Names are unique."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - yaml's

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping. Raises CommandError for a name that is given twice."""
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                line = node.start_mark.line + 1
                raise CommandError(f"{name!r} is given twice in the mapping at line {line}")
        return super().construct_mapping(node, deep=deep)


def _unquoted(loader: yaml.Loader, node: yaml.ScalarNode) -> _Unquoted:
    return _Unquoted(str(loader.construct_scalar(node)))


_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|"
    r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
for _tag, _pattern, _first in (
    ("bool", re.compile(r"true|false"), "tf"),
    ("int", re.compile(r"[-+]?[0-9]+"), "-+0123456789"),
    ("null", re.compile(r"null|~|"), ["n", "~", ""]),
    ("float", _FLOAT, "-+.0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern.pattern})$"), list(_first)
    )
_Loader.add_constructor("tag:yaml.org,2002:float", _unquoted)
_Loader.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(str(loader.construct_scalar(node))),  # type: ignore[arg-type]
)
