"""The bucket of exports in memory, as S3 answers."""

from __future__ import annotations

import csv
import io
import json
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from botocore.endpoint import Endpoint

if TYPE_CHECKING:
    import pytest

_DONE = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}


class ExportsInMemory:
    """Files by key, with the names of all versions. `down`: S3 answers 503."""

    def __init__(self) -> None:
        self.files = dict[str, bytes]()
        self.stored = list[tuple[str, str]]()
        """Key and version of everything that is kept, the oldest first."""
        self.page_size = 1000
        self.refused = list[dict[str, str]]()
        """What S3 answers of versions that it does not delete."""
        self.down = False

    def install(self, monkeypatch: pytest.MonkeyPatch) -> ExportsInMemory:
        """Answer every request to S3 of this process."""
        send = Endpoint.make_request

        def answered(endpoint: Endpoint, operation: Any, request: dict[str, Any]) -> Any:
            if operation.service_model.service_name != "s3":
                return send(endpoint, operation, request)
            return SimpleNamespace(status_code=503 if self.down else 200), self._answer(
                operation.name, request
            )

        monkeypatch.setattr(Endpoint, "make_request", answered)
        return self

    def _answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if self.down:
            return {**_DONE, "Error": {"Code": "SlowDown", "Message": "SlowDown"}}
        if operation == "ListObjectsV2":
            prefix = request["query_string"]["prefix"]
            found = [{"Key": one} for one in sorted(self.files) if one.startswith(prefix)]
            return {**_DONE, "Contents": found[:1]}
        if operation == "ListObjectVersions":
            prefix = request["query_string"]["prefix"]
            kept = [one for one in self.stored if one[0].startswith(prefix)][: self.page_size]
            return {**_DONE, "Versions": [{"Key": key, "VersionId": name} for key, name in kept]}
        if operation == "DeleteObjects":
            self._delete(request["body"])
            return {**_DONE, "Errors": self.refused}
        key = unquote(request["url_path"]).lstrip("/").removeprefix("exports/")
        if operation == "PutObject":
            body = request["body"]
            self.files[key] = body if isinstance(body, bytes) else body.read()
            self.stored.append((key, f"v{len(self.stored)}"))
            return _DONE
        return {**_DONE, "Body": BytesIO(self.files[key])}

    def _delete(self, body: bytes) -> None:
        named = ET.fromstring(body)  # noqa: S314 - botocore's own
        for one in named.iterfind("{*}Object"):
            key, version = one.findtext("{*}Key") or "", one.findtext("{*}VersionId") or ""
            self.stored.remove((key, version))
            if key not in {name for name, _ in self.stored}:
                del self.files[key]

    def manifest(self, tenant_id: str, month: str) -> dict[str, Any]:
        """Return a month's manifest."""
        found: dict[str, Any] = json.loads(
            self.files[f"manifests/tenant={tenant_id}/month={month}/manifest.json"]
        )
        return found

    def parts(self, data_set: str, tenant_id: str, month: str) -> list[str]:
        """Return the texts of a data set's files, in order."""
        prefix = f"{data_set}/tenant={tenant_id}/month={month}/"
        return [self.files[one].decode() for one in sorted(self.files) if one.startswith(prefix)]

    def rows(self, data_set: str, tenant_id: str, month: str) -> list[dict[str, str]]:
        """Return the rows of all CSV files of a data set."""
        parts = self.parts(data_set, tenant_id, month)
        return [row for one in parts for row in csv.DictReader(io.StringIO(one, newline=""))]
