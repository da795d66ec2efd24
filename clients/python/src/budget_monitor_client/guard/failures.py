"""Whether a provider may have billed a call that failed."""

from __future__ import annotations

from collections.abc import Iterator

_REFUSED = {400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429}
"""Statuses by which a provider refuses a call before any work: nothing is billed."""
_NOT_CONNECTED = {
    *("ConnectError", "ConnectTimeout", "PoolTimeout"),  # httpx, requests
    *("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"),  # urllib3, botocore
    *("EndpointConnectionError", "NoCredentialsError", "ParamValidationError"),  # botocore
    *("ClientConnectorError", "ConnectionRefusedError", "gaierror"),  # aiohttp, Python
}
"""Names of exceptions which mean that nothing was sent."""


def was_sent(error: BaseException) -> bool:
    """False if the exception says that the call was refused or never left this machine.

    True for everything else, since a call that was sent may be billed.
    """
    return not any(_is_free(one) for one in _causes(error))


def _is_free(error: BaseException) -> bool:
    if not isinstance(error, Exception):
        return False  # the process is asked to end, whenever that is
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & _NOT_CONNECTED) or _status(error) in _REFUSED


def _status(error: BaseException) -> int | None:
    """The HTTP status: of OpenAI's and Anthropic's errors, httpx, requests, botocore, Google."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore's
        response = response.get("ResponseMetadata", {})
        return _number(response.get("HTTPStatusCode"))
    found = (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "code", None),
    )
    return next((number for one in found if (number := _number(one))), None)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and those that it was raised from, each once."""
    cause: BaseException | None = error
    seen = set[int]()
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__
