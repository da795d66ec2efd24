"""The tables of template.yaml, created under a test's own names."""

from __future__ import annotations

import copy
import functools
import uuid
from typing import Any

from tests.support.template.template import resources

# Not part of create_table, or not useful in an emulator: moto makes an RSA key per SSE table.
LEFT_OUT = {
    "DeletionProtectionEnabled",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "TableName",
    "Tags",
    "TimeToLiveSpecification",
}

Rows = dict[str, list[dict[str, Any]]]


def create_tables(client: Any) -> dict[str, str]:
    """Create every table of the template. Return the new names by logical id."""
    prefix = uuid.uuid4().hex[:12]
    names = {}
    for logical_id, definition in _definitions().items():
        names[logical_id] = f"{logical_id}-{prefix}"
        client.create_table(TableName=names[logical_id], **definition)
    return names


@functools.cache
def _definitions() -> dict[str, dict[str, Any]]:
    tables = resources("AWS::DynamoDB::Table")
    return {logical_id: _as_call(properties) for logical_id, properties in tables.items()}


def _as_call(properties: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in properties.items() if key not in LEFT_OUT}
    wanted = copy.deepcopy(kept)
    if "StreamSpecification" in wanted:
        wanted["StreamSpecification"]["StreamEnabled"] = True
    return wanted


def read_rows(client: Any, names: dict[str, str]) -> Rows:
    """Return all stored rows in a fixed order, to compare before and after."""
    return {logical_id: _scan(client, name) for logical_id, name in names.items()}


def _scan(client: Any, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        rows.extend(page["Items"])
    return sorted(rows, key=repr)
