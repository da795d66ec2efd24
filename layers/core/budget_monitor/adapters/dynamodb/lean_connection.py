"""pynamodb's connection without the work of botocore that no request of ours needs."""

import json
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session
from pynamodb.connection import Connection
from pynamodb.constants import NONE, RETURN_CONSUMED_CAPACITY


class LeanConnection(Connection):
    """A connection that names itself once, and asks for no figures that nobody reads."""

    @property
    def session(self) -> Session:
        """A botocore session for clients with less work per request.

        Its clients send one fixed `User-Agent`. botocore otherwise composes the header twice for
        each request, which takes an eighth of the CPU time of a call.
        """
        session = super().session
        session.register_component("data_loader", _loader())
        session.set_default_client_config(Config(user_agent=session.user_agent()))
        for event, handler in HANDLERS.items():
            session.register(f"{event}.dynamodb.*", handler, unique_id=event)
        return session

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Send a request. pynamodb asks for the consumed capacity unless it is told not to."""
        operation_kwargs.setdefault(RETURN_CONSUMED_CAPACITY, NONE)
        return super().dispatch(operation_name, operation_kwargs)


class RegionalLoader(Loader):
    """Loads botocore's data without the rules that compute an endpoint for each request.

    DynamoDB's look through all items of a request for an ARN of another account's table. Without
    them botocore uses the region's endpoint, or the one of `AWS_ENDPOINT_URL`.
    """

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Mapping[str, Any]:
        """Return the data. Raises UnknownServiceError for the rules."""
        if type_name == "endpoint-rule-set-1":
            raise UnknownServiceError(service_name=service_name, known_service_names="")
        found: Mapping[str, Any] = super().load_service_model(service_name, type_name, api_version)
        return found


@cache
def _loader() -> RegionalLoader:
    """Return one loader per process: it keeps what it has loaded."""
    return RegionalLoader()


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
