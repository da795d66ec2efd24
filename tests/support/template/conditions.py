"""Evaluate a template's conditions and `Fn::If` for given parameters."""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]
NOTHING = {"Ref": "AWS::NoValue"}


def in_effect(template: Template, **parameters: str) -> Template:
    """Return the created resources and outputs. Missing parameters have their defaults."""
    known = defaults(template) | parameters
    return {
        section: {
            name: taken(body, template, known)
            for name, body in template[section].items()
            if "Condition" not in body or _decided(template, body["Condition"], known)
        }
        for section in ("Resources", "Outputs")
    }


def defaults(template: Template) -> dict[str, str]:
    """Return the parameters' default values."""
    declared = template["Parameters"].items()
    return {name: str(one["Default"]) for name, one in declared if "Default" in one}


def taken(value: Any, template: Template, known: dict[str, str]) -> Any:
    """Return the value with each `Fn::If` resolved and `AWS::NoValue` removed."""
    if isinstance(value, list):
        found = [taken(one, template, known) for one in value]
        return [one for one in found if one != NOTHING]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        name, *branches = value["Fn::If"]
        branch = branches[0] if _decided(template, name, known) else branches[1]
        return taken(branch, template, known)
    items = {name: taken(one, template, known) for name, one in value.items()}
    return {name: one for name, one in items.items() if one != NOTHING}


def holds(expression: Any, known: dict[str, str]) -> bool:
    """True if the condition holds. Raises KeyError for an unsupported function."""
    ((function, arguments),) = expression.items()
    if function == "Fn::Not":
        return not holds(arguments[0], known)
    if function == "Fn::And":
        return all(holds(one, known) for one in arguments)
    if function == "Fn::Contains":
        within, one = arguments
        return one in known[within["Ref"]].split(",")
    compared = {"Fn::Equals": arguments}[function]
    one, other = (_text(part, known) for part in compared)
    return one == other


def _text(part: Any, known: dict[str, str]) -> str:
    """A side of a comparison: a text, a parameter, or a list of a parameter joined by nothing."""
    if isinstance(part, dict) and "Fn::Join" in part:
        between, part = part["Fn::Join"]
        assert between == ""
    return known[part["Ref"]] if isinstance(part, dict) else str(part)


def _decided(template: Template, name: str, known: dict[str, str]) -> bool:
    return holds(template["Conditions"][name], known)
