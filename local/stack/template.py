"""Prepare the SAM template for CloudFormation: upload code, inline files, translate."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.yaml_helper import (  # type: ignore[import-untyped]
    intrinsics_multi_constructor,
)

from local.settings import session
from local.stack.bundle import archive

Template = dict[str, Any]
Upload = Callable[[str, bytes], dict[str, str]]


class Type(StrEnum):
    """The resources whose files must be uploaded or inlined."""

    FUNCTION = "AWS::Serverless::Function"
    LAYER = "AWS::Serverless::LayerVersion"
    MACHINE = "AWS::Serverless::StateMachine"


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms, such as `!Ref x`; SAM's own loader takes a second."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def load(path: Path) -> Template:
    """The template with CloudFormation's short forms written out."""
    template: Template = yaml.load(path.read_text(), _Loader)  # noqa: S506 - a SafeLoader
    return template


def package(template: Template, folder: Path, upload: Upload) -> Template:
    """A copy of the template whose code lies where `upload` put it, named by its content."""
    packaged = copy.deepcopy(template)
    shared = packaged.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for resource in packaged["Resources"].values():
        properties = resource.setdefault("Properties", {})
        match resource["Type"]:
            case Type.FUNCTION:
                code = properties.get("CodeUri", shared)
                if isinstance(code, str):
                    properties["CodeUri"] = _put(archive(folder / code), upload)
            case Type.LAYER:
                properties["ContentUri"] = _put(archive(folder / properties["ContentUri"]), upload)
            case Type.MACHINE if "DefinitionUri" in properties:
                properties["Definition"] = load(folder / properties.pop("DefinitionUri"))
    return packaged


def without_metric_math(template: Template) -> Template:
    """A copy without alarms on expressions: the emulator refuses the stack for them."""
    kept = copy.deepcopy(template)
    kept["Resources"] = {
        name: one
        for name, one in kept["Resources"].items()
        if one["Type"] != "AWS::CloudWatch::Alarm" or "Metrics" not in one["Properties"]
    }
    return kept


def _put(content: bytes, upload: Upload) -> dict[str, str]:
    return upload(f"{hashlib.sha256(content).hexdigest()}.zip", content)


def translate(template: Template, parameters: dict[str, str]) -> Template:
    """What SAM makes of a packaged template: plain CloudFormation, APIs with an OpenAPI body."""
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns about its own metrics
    translator = Translator({}, Parser(), boto_session=session())
    translated: Template = translator.translate(copy.deepcopy(template), dict(parameters))
    return translated


def digest(template: Template, parameters: dict[str, str]) -> str:
    """A digest of the template and its parameters: if it is equal, there is nothing to deploy."""
    content = json.dumps([template, parameters], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
