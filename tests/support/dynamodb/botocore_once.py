"""`botocore_set_up_once`: what botocore and pynamodb build for each client is built once."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import botocore.compat
import botocore.handlers
import botocore.hooks
import botocore.httpsession
import botocore.regions
import botocore.session
import pynamodb.attributes
import pynamodb.connection.base
import pynamodb.models
import pytest
from botocore.client import ClientCreator
from botocore.endpoint import EndpointCreator
from botocore.hooks import EventAliaser
from botocore.useragent import UserAgentString

from budget_monitor.adapters.dynamodb import lean_connection
from budget_monitor.adapters.dynamodb.lean_connection import lean_session


@pytest.fixture(scope="session")
def botocore_set_up_once() -> Iterator[None]:
    """Each test has an application of its own; most of its cost are botocore's clients.

    None of these parts differs between tests:

    - the loader, with 2 MB of service models, and the classes of the clients
    - a session per thread; its only state are the credentials. Each client copies its handlers, so
      it has those of DynamoDB only
    - the rules of the endpoints and the context of TLS
    - the User-Agent of a client, which botocore builds for each request
    - the aliases of event names, which each client searches again
    - whether a handler takes keywords, which each client asks of each handler's signature
    - the proxies of an address, for which all environment variables are read
    - the attributes and indexes of pynamodb's rows, which each application binds to its tables
    """
    loader, own = functools.cache(botocore.session.create_loader), threading.local()

    def session() -> botocore.session.Session:
        if not hasattr(own, "session"):
            with pytest.MonkeyPatch.context() as shorter:
                shorter.setattr(botocore.handlers, "BUILTIN_HANDLERS", _handlers())
                own.session = botocore.session.get_session()
        return own.session  # type: ignore[no-any-return] # as it was put there

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", loader)
        patch.setattr(pynamodb.connection.base, "get_session", session)
        patch.setattr(lean_connection, "lean_session", _one_per_thread(lean_session))
        patch.setattr(UserAgentString, "to_string", _once_each(UserAgentString.to_string))
        patch.setattr(ClientCreator, "_create_client_class", _class_of_service())
        patch.setattr(botocore.regions, "EndpointProvider", _provider())
        context = functools.cache(botocore.httpsession.create_urllib3_context)
        patch.setattr(botocore.httpsession, "create_urllib3_context", context)
        patch.setattr(EventAliaser, "_alias_event_name", _alias())
        patch.setattr(botocore.hooks, "accepts_kwargs", _keywords())
        patch.setattr(EndpointCreator, "_get_proxies", _proxies())
        for module in (pynamodb.attributes, pynamodb.models):
            patch.setattr(module, "getmembers", _members())
        yield


def _one_per_thread(make: Callable[[], Any]) -> Callable[[], Any]:
    own = threading.local()

    def made() -> Any:
        if not hasattr(own, "made"):
            own.made = make()
        return own.made

    return made


def _handlers() -> list[Any]:
    """Return botocore's handlers without those of documentation and of other services."""
    return [
        handler
        for handler in botocore.handlers.BUILTIN_HANDLERS
        if not handler[0].startswith("docs.")
        and [*handler[0].split("."), "*"][1] in {"*", "dynamodb"}
    ]


def _provider() -> Any:
    original, known = vars(botocore.regions)["EndpointProvider"], dict[int, Any]()

    def remembered(**given: Any) -> Any:
        service = id(given["ruleset_data"])  # the loader keeps it
        if service not in known:
            known[service] = original(**given)
        return known[service]

    return remembered


def _once_each(method: Any) -> Any:
    """Return the method; each object calls it once and remembers the result."""

    def remembered(self: Any) -> str:
        if "_built" not in vars(self):
            self._built = method(self)
        return str(self._built)

    return remembered


def _class_of_service() -> Any:
    original, classes = vars(ClientCreator)["_create_client_class"], dict[str, Any]()

    def remembered(self: Any, service_name: str, service_model: Any) -> Any:
        if service_name != "dynamodb":  # the others' classes depend on the session
            return original(self, service_name, service_model)
        if service_name not in classes:
            classes[service_name] = original(self, service_name, service_model)
        return classes[service_name]

    return remembered


def _alias() -> Any:
    original, known = vars(EventAliaser)["_alias_event_name"], dict[str, str]()

    def remembered(self: Any, event_name: str) -> str:
        if event_name not in known:
            known[event_name] = original(self, event_name)
        return known[event_name]

    return remembered


def _keywords() -> Any:
    original, known = botocore.compat.accepts_kwargs, dict[CodeType, Any]()

    def remembered(handler: Any) -> Any:
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        if code is None or hasattr(handler, "__wrapped__"):
            return original(handler)
        if code not in known:  # closures are new functions for each client, of the same code
            known[code] = original(handler)
        return known[code]

    return remembered


def _proxies() -> Any:
    original, known = vars(EndpointCreator)["_get_proxies"], dict[str, Any]()

    def remembered(self: Any, url: str) -> Any:
        if url not in known:
            known[url] = original(self, url)
        return known[url]

    return remembered


def _members() -> Callable[..., list[tuple[str, Any]]]:
    known = dict[type, list[tuple[str, Any]]]()

    def remembered(row: type, wanted: Callable[[Any], bool]) -> list[tuple[str, Any]]:
        """Return the members of what the row is a copy of, if it has none of its own."""
        parent, *others = row.__bases__
        if others or any(map(wanted, vars(row).values())):
            return inspect.getmembers(row, wanted)
        if parent not in known:
            known[parent] = inspect.getmembers(parent, wanted)
        return known[parent]

    return remembered
