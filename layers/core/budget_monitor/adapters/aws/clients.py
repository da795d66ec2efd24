"""Clients of AWS's SDK that give up within seconds. The SDK is loaded when one is made."""

from typing import Any

CONNECT_SECONDS = 1.0


def client_of(
    service: str,
    region: str,
    read_seconds: float,
    attempts: int,
    **more: Any,
) -> Any:  # noqa: ANN401 - botocore makes its classes
    """A client with these time limits. `more`: further settings of botocore's `Config`."""
    from botocore.config import Config  # noqa: PLC0415 - lean imports
    from botocore.session import Session  # noqa: PLC0415

    settings = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"total_max_attempts": attempts},
        **more,
    )
    return Session().create_client(service, region_name=region, config=settings)
