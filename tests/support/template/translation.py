"""Plain CloudFormation that SAM generates from template.yaml."""

from __future__ import annotations

import copy
import functools
import json
from typing import Any

from local.stack.template import load, translate
from tests.support.paths import ROOT


@functools.cache
def source() -> dict[str, Any]:
    """Return the template before translation; treat it as read-only."""
    return load(ROOT / "template.yaml")


@functools.cache
def translated() -> dict[str, Any]:
    """Return the translated template, with code locations as in a deployment; read-only."""
    packaged = copy.deepcopy(source())
    for resource in packaged["Resources"].values():
        properties = resource.get("Properties", {})
        for name in {"CodeUri", "ContentUri"} & properties.keys():
            properties[name] = {"Bucket": "code", "Key": "code.zip"}
        if "DefinitionUri" in properties:
            definition = ROOT / properties.pop("DefinitionUri")
            properties["Definition"] = json.loads(definition.read_text())
    return translate(packaged, {})


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the properties of each resource of the type, by logical id."""
    resources = template["Resources"].items()
    return {name: body["Properties"] for name, body in resources if body["Type"] == kind}
