"""The answer to requests that no route matches."""

from budget_monitor.domain.errors import MethodNotAllowedError, NotFoundError
from budget_monitor.entrypoints.door import http
from budget_monitor.entrypoints.door.callers.access import CATCH_ALL as ANY_ROUTE
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.reporting.services import Services


def unknown_route(context: RequestContext[Services], fields: Fields) -> Answer:
    """Refuse the request, in the shape of every other error.

    Raises MethodNotAllowedError for a path that has other methods, else NotFoundError.
    """
    method, path = fields.text("method"), fields.text("path")
    allowed = http.methods_of(path, context.services.openapi()["paths"])
    if allowed:
        raise MethodNotAllowedError(f"{method} is not a method of {path[:256]}", allowed=allowed)
    raise NotFoundError(f"no such route: {method} {path[:256]}")


CATCH_ALL = Operation("unknown_route", "ANY", ANY_ROUTE, unknown_route)
"""The API's catch-all route. Callers cannot name it in a direct invocation."""
