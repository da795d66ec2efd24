"""Files of price lists in the stack's own versioned bucket."""

from functools import cached_property
from typing import Any

from budget_monitor.adapters.aws.clients import client_of
from budget_monitor.domain.errors import NotFoundError, UnavailableError

READ_SECONDS, ATTEMPTS = 5.0, 2
_GONE = {"NoSuchKey", "NoSuchVersion", "404", "NoSuchBucket", "InvalidArgument"}


class PriceBucket:
    """The `PriceFiles` port. The SDK's client is made when the first file is asked for."""

    def __init__(self, bucket: str | None, region: str) -> None:
        self._bucket = bucket
        self._region = region

    def latest(self, key: str) -> str:
        """The version of the file now. Raises NotFoundError, UnavailableError."""
        found = self._call("head_object", Key=key)
        return str(found.get("VersionId") or "null")

    def read(self, key: str, version: str) -> bytes:
        """The file as it was at that version. Raises NotFoundError, UnavailableError."""
        found = self._call("get_object", Key=key, VersionId=version)
        data: bytes = found["Body"].read()
        return data

    def _call(self, method: str, **named: str) -> Any:  # noqa: ANN401 - botocore's own
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

        if self._bucket is None:
            raise UnavailableError("this stack has no bucket for price lists")
        try:
            return getattr(self._client, method)(Bucket=self._bucket, **named)
        except ClientError as fault:
            if fault.response.get("Error", {}).get("Code") in _GONE:
                raise NotFoundError(f"no price list {named['Key']} in the bucket") from fault
            raise UnavailableError("the bucket of price lists cannot be read now") from fault
        except BotoCoreError as fault:
            raise UnavailableError("the bucket of price lists cannot be read now") from fault

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes
        return client_of(
            "s3", self._region, READ_SECONDS, ATTEMPTS, s3={"addressing_style": "path"}
        )
