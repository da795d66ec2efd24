"""The stack's own bucket of exported files."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from budget_monitor.adapters.aws.clients import client_of
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.ports.exports import FileVersion

READ_SECONDS, ATTEMPTS = 20.0, 3
AT_ONCE = 1000
"""Maximum of versions that S3 lists or deletes in one request."""


class ExportBucket:
    """The `ExportFiles` port. The SDK's client is made when the first file is asked for."""

    def __init__(self, bucket: str | None, region: str, read_seconds: float = READ_SECONDS) -> None:
        self._bucket = bucket
        self._region = region
        self._read_seconds = read_seconds

    def put(self, key: str, data: bytes, media: str) -> None:
        """Store a file. Raises UnavailableError."""
        self._call("put_object", Key=key, Body=data, ContentType=media)

    def get(self, key: str) -> bytes | None:
        """Return a file, or None if there is none. Raises UnavailableError."""
        listed = self._call("list_objects_v2", Prefix=key, MaxKeys=1)
        if key not in {one["Key"] for one in listed.get("Contents", ())}:
            return None
        data: bytes = self._call("get_object", Key=key)["Body"].read()
        return data

    def versions(self, folder: str) -> Sequence[FileVersion]:
        """Return up to 1,000 versions of files and marks of deletion below a folder."""
        listed = self._call("list_object_versions", Prefix=folder, MaxKeys=AT_ONCE)
        kept = (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))
        return [FileVersion(one["Key"], one["VersionId"]) for one in kept]

    def erase(self, versions: Sequence[FileVersion]) -> None:
        """Delete these versions for good, at most 1,000. Raises UnavailableError if one is left."""
        named = [{"Key": one.key, "VersionId": one.version} for one in versions]
        answer = self._call("delete_objects", Delete={"Objects": named, "Quiet": True})
        if answer.get("Errors"):
            raise UnavailableError("not all exported files could be deleted: repeat the call")

    def _call(self, method: str, **named: Any) -> Any:  # noqa: ANN401 - botocore's own
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

        if self._bucket is None:
            raise UnavailableError("this stack has no bucket for exports: set EXPORTS_BUCKET")
        try:
            return getattr(self._client, method)(Bucket=self._bucket, **named)
        except (BotoCoreError, ClientError) as fault:
            raise UnavailableError("the bucket of exports cannot be reached now") from fault

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes
        return client_of(
            "s3", self._region, self._read_seconds, ATTEMPTS, s3={"addressing_style": "path"}
        )
