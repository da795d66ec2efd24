"""Files of price lists in S3: read at their version, and every fault is a named error."""

from __future__ import annotations

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import EndpointConnectionError

from budget_monitor.adapters.aws.price_bucket import PriceBucket
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.bucket import KEY, MemoryBucket


@pytest.fixture
def files(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
    """A bucket with two versions of one file."""
    bucket = MemoryBucket().install(monkeypatch)
    bucket.put(b"first", version="v1")
    bucket.put(b"second", version="v2")
    return bucket


BUCKET = PriceBucket("price-lists", "us-east-1")


def test_the_latest_of_2_versions_is_named_and_each_is_read_as_it_was(files: MemoryBucket) -> None:
    assert BUCKET.latest(KEY) == "v2"
    assert (BUCKET.read(KEY, "v1"), BUCKET.read(KEY, "v2")) == (b"first", b"second")
    assert files.reads == 2


def test_a_file_or_a_version_that_does_not_exist_is_named(files: MemoryBucket) -> None:
    with pytest.raises(NotFoundError, match="no price list other in the bucket"):
        BUCKET.latest("other")
    with pytest.raises(NotFoundError, match=f"no price list {KEY} in the bucket"):
        BUCKET.read(KEY, "v3")


def test_a_bucket_that_is_down_or_out_of_reach_is_unavailable(
    files: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.down = True
    with pytest.raises(UnavailableError, match="cannot be read now"):
        BUCKET.latest(KEY)

    def unreachable(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(Endpoint, "make_request", unreachable)
    with pytest.raises(UnavailableError, match="cannot be read now"):
        BUCKET.read(KEY, "v1")


def test_a_stack_without_a_bucket_says_so_without_a_request() -> None:
    with pytest.raises(UnavailableError, match="this stack has no bucket"):
        PriceBucket(None, "us-east-1").latest(KEY)
