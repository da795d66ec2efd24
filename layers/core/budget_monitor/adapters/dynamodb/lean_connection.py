"""pynamodb's connection without the work of botocore that no request of ours needs."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.handlers import BUILTIN_HANDLERS
from botocore.loaders import Loader
from botocore.session import Session
from pynamodb.connection import Connection
from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.constants import (
    BATCH_GET_ITEM,
    NONE,
    REQUEST_ITEMS,
    RETURN_CONSUMED_CAPACITY,
    STRING,
)
from pynamodb.exceptions import GetError

API_VERSION = "2012-08-10"


class LeanConnection(Connection):
    """A connection that names itself once, and asks for no figures that nobody reads."""

    @property
    def session(self) -> Session:
        """A botocore session for a client with less work per request."""
        return lean_session()

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Send a request, and call no listeners: pynamodb gives each request an id for them."""
        operation_kwargs.setdefault(RETURN_CONSUMED_CAPACITY, NONE)
        answer: dict[str, Any] = self._make_api_call(operation_name, operation_kwargs)
        return answer

    def batch_get(self, table: str, keys: Sequence[str]) -> dict[str, Any]:
        """Read these keys strongly consistent. Raises GetError.

        pynamodb's own method looks up the type of the key's attribute for each of them.
        """
        wanted = {"ConsistentRead": True, "Keys": [{"pk": {STRING: pk}} for pk in keys]}
        try:
            return self.dispatch(BATCH_GET_ITEM, {REQUEST_ITEMS: {table: wanted}})
        except BOTOCORE_EXCEPTIONS as fault:
            raise GetError("Failed to batch get items", fault) from fault


def lean_session() -> Session:
    """Return a session for clients of DynamoDB only.

    Its clients send one fixed `User-Agent`. botocore otherwise composes the header twice for each
    request, which takes an eighth of the CPU time of a call.
    """
    session = Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:
        if "." not in event:  # the others are those of one service, or of the documentation
            session.register(event, handler)
    for event, handler in HANDLERS.items():
        session.register(f"{event}.dynamodb.*", handler)
    session.register_component("data_loader", _loader())
    session.set_default_client_config(Config(user_agent=session.user_agent()))
    return session


class DynamoDBLoader(Loader):
    """Loads those of botocore's data that a client of DynamoDB needs."""

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Mapping[str, Any]:
        """Return the service's model. Raises UnknownServiceError for the rules of its endpoints.

        The rules look through all items of each request for an ARN of another account's table.
        Without them botocore uses the region's endpoint, or the one of `AWS_ENDPOINT_URL`.
        """
        if type_name == "endpoint-rule-set-1":
            raise UnknownServiceError(service_name=service_name, known_service_names="")
        found: Mapping[str, Any] = self.load_data(
            f"{service_name}/{api_version or API_VERSION}/{type_name}"
        )
        return found

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Return the data and their path. The endpoints are computed: a list of all is long."""
        if name != "endpoints":
            found: tuple[Any, str] = super().load_data_with_path(name)
            return found
        known, path = super().load_data_with_path("partitions")
        partitions = [_endpoints_of(one) for one in known["partitions"]]
        return {"version": 3, "partitions": partitions}, path


def _endpoints_of(partition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the endpoints of a partition's regions, in the form of botocore's list of them."""
    usual, dual = (partition["outputs"][name] for name in ("dnsSuffix", "dualStackDnsSuffix"))
    host, fips = "{service}.{region}.{dnsSuffix}", "{service}-fips.{region}.{dnsSuffix}"
    of_government = partition["id"] == "aws-us-gov"  # all of its endpoints are FIPS
    variants = (
        (host if of_government else fips, usual, ["fips"]),
        (host, dual, ["dualstack"]),
        (fips, dual, ["dualstack", "fips"]),
    )
    return {
        "partition": partition["id"],
        "regionRegex": partition["regionRegex"],
        "dnsSuffix": usual,
        "defaults": {
            "hostname": host,
            "protocols": ["https"],
            "signatureVersions": ["v4"],
            "variants": [
                {"hostname": name, "dnsSuffix": suffix, "tags": tags}
                for name, suffix, tags in variants
            ],
        },
        "regions": {},
        "services": {},
    }


@cache
def _loader() -> DynamoDBLoader:
    """Return one loader per process: it keeps what it has loaded."""
    return DynamoDBLoader()


def keep_request(**event: Any) -> dict[str, Any]:
    """Leave botocore nothing of a request to convert; `write_request` puts it into the body."""
    event["context"]["request"] = event["params"]
    return {}


def write_request(**event: Any) -> None:
    """Write the request as the body, with the token that botocore adds where none is given."""
    sent = event["params"]
    whole = json.loads(sent["body"]) | event["context"]["request"]
    sent["body"] = json.dumps(whole).encode()


def parse_answer(**event: Any) -> None:
    """Take DynamoDB's JSON as it is, and leave botocore nothing of it to convert.

    Errors are left to botocore.
    """
    answer = event["response_dict"]
    if answer["status_code"] == HTTPStatus.OK:
        event["customized_response_dict"] |= json.loads(answer["body"])
        answer["body"] = b"{}"


HANDLERS: Mapping[str, Any] = {
    "provide-client-params": keep_request,
    "before-call": write_request,
    "before-parse": parse_answer,
}
"""Handlers of botocore's events. botocore copies each value of a request and of an answer by the
service's model. Only binary values and times differ then; our tables have none."""
