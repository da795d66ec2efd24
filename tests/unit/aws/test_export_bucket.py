"""The bucket of exports: files are stored and read, and every fault is a named error."""

from __future__ import annotations

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import EndpointConnectionError

from budget_monitor.adapters.aws.export_bucket import ExportBucket
from budget_monitor.domain.errors import UnavailableError
from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud

BUCKET = ExportBucket("exports", "us-east-1")


@pytest.fixture
def files(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> ExportsInMemory:
    """An empty bucket."""
    return ExportsInMemory().install(monkeypatch)


def test_a_file_is_read_as_it_was_stored_and_none_where_there_is_none(
    files: ExportsInMemory,
) -> None:
    BUCKET.put("a/tenant=x/b.csv", b"first", "text/csv")
    assert BUCKET.get("a/tenant=x/b.csv") == b"first"
    assert BUCKET.get("a/tenant=x/b.cs") is None


def test_a_bucket_that_is_down_or_out_of_reach_is_unavailable(
    files: ExportsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.down = True
    with pytest.raises(UnavailableError, match="cannot be reached"):
        BUCKET.put("a", b"", "text/csv")

    def unreachable(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(Endpoint, "make_request", unreachable)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        BUCKET.get("a")


def test_without_a_bucket_the_setting_is_named() -> None:
    with pytest.raises(UnavailableError, match="EXPORTS_BUCKET"):
        ExportBucket(None, "us-east-1").get("a")


def test_a_version_that_s3_does_not_delete_is_an_error(
    files: ExportsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    BUCKET.put("a/tenant=x/b.csv", b"first", "text/csv")
    left = BUCKET.versions("a/tenant=x/")
    assert [one.key for one in left] == ["a/tenant=x/b.csv"]
    monkeypatch.setattr(
        files, "refused", [{"Key": one.key, "Code": "AccessDenied"} for one in left]
    )
    with pytest.raises(UnavailableError, match="not all"):
        BUCKET.erase(left)
