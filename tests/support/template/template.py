"""The project's template.yaml, read once, with CloudFormation's short tags as objects."""

from __future__ import annotations

import functools
from typing import Any

import yaml

from tests.support.paths import ROOT

TEMPLATE = ROOT / "template.yaml"


class _Loader(yaml.CSafeLoader):
    """YAML with `!Ref x` as {"Ref": x} and `!Name x` as {"Fn::Name": x}."""


def _tag(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


@functools.cache
def template() -> dict[str, Any]:
    """Return the whole template as data; treat it as read-only."""
    with TEMPLATE.open() as text:
        loaded: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader, with tags
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of each resource of the type, by logical id."""
    return {
        name: body.get("Properties", {})
        for name, body in template()["Resources"].items()
        if body["Type"] == kind
    }
