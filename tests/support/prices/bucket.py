"""A bucket of price lists in memory, and a list that costs twice as much."""

from __future__ import annotations

import json
from functools import cache
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.endpoint import Endpoint
from genai_prices.data import providers
from genai_prices.types import ModelInfo, ModelPrice

if TYPE_CHECKING:
    import pytest

KEY, EXAMPLE = "prices/2026-11-28.json", "prices/2026-11-20.json"
"""Names of files; the second one is that of the examples in the OpenAPI document."""


class MemoryBucket:
    """Files by key and version, as S3 answers. `down`: nothing can be read."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.reads = 0
        self.down = False

    def put(self, data: bytes, key: str = KEY, version: str = "v1") -> None:
        self.files[key, version] = data

    def install(self, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
        """Answer every request to S3 of this process."""
        send = Endpoint.make_request

        def answered(endpoint: Endpoint, operation: Any, request: dict[str, Any]) -> Any:
            if operation.service_model.service_name != "s3":
                return send(endpoint, operation, request)
            return self._answer(operation.name, request)

        monkeypatch.setattr(Endpoint, "make_request", answered)
        return self

    def _answer(self, operation: str, request: dict[str, Any]) -> Any:
        if operation in {"PutObject", "ListObjectsV2", "ListObjectVersions"}:  # exports: none yet
            return SimpleNamespace(status_code=200), {"ResponseMetadata": {"HTTPStatusCode": 200}}
        key = request["url_path"].lstrip("/").removeprefix("price-lists/")
        known = [version for name, version in self.files if name == key]
        version = request["query_string"].get("versionId", known[-1] if known else "")
        data = self.files.get((key, version))
        if self.down:
            return _refused(503, "SlowDown")
        if data is None:
            return _refused(404, "404" if operation == "HeadObject" else "NoSuchVersion")
        self.reads += operation == "GetObject"
        body = {"Body": BytesIO(data)} if operation == "GetObject" else {}
        done = {"HTTPStatusCode": 200, "HTTPHeaders": {}}
        return SimpleNamespace(status_code=200), {
            **body,
            "VersionId": version,
            "ResponseMetadata": done,
        }


def _refused(status: int, code: str) -> Any:
    error = {"Error": {"Code": code, "Message": code}}
    done = {"HTTPStatusCode": status, "HTTPHeaders": {}}
    return SimpleNamespace(status_code=status), {**error, "ResponseMetadata": done}


@cache
def dearer(times: int = 2) -> bytes:
    """The list that came with the library, each price so many times as high."""
    raw = [
        {
            "id": one.id,
            "name": one.name,
            "api_pattern": one.api_pattern,
            "models": [_model(model, times) for model in one.models],
        }
        for one in providers
    ]
    return json.dumps(raw).encode()


def _model(model: ModelInfo, times: int) -> dict[str, Any]:
    prices = model.prices if isinstance(model.prices, ModelPrice) else model.prices[0].prices
    known = {name: getattr(one, "base", one) for name, one in vars(prices).items() if one}
    return {
        "id": model.id,
        "match": {"equals": model.id},
        "prices": {name: str(one * times) for name, one in known.items()},
    }
