"""Run schemathesis against the API of this process, with every check on, and list what it finds.

The engine plays examples, boundary values of each field and random requests, valid and invalid.
Two kinds of its findings are none, since JSON Schema cannot say what the API promises there:

- a valid request that is refused by a rule across fields, or against what is stored;
- null, which counts as left out in every optional field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.openapi import format as string_format

from tests.support.doors.gateway import SIGNED

AUTHORIZED = {"Authorization": SIGNED}
CONFIG: dict[str, Any] = {
    "seed": 1,
    "headers": AUTHORIZED,
    "continue-on-failure": True,
    "generation": {
        "max-examples": 2,
        "no-shrink": True,
        "with-security-parameters": False,  # all requests but those of `ignored_auth` are signed
    },
    "checks": {
        "positive_data_acceptance": {
            # 422: no price is known for a model, which is data and not form.
            "expected-statuses": ["2xx", "404", "409", "422", "429"]
        }
    },
    "phases": {"stateful": {"enabled": False}},
}
OPERATORS = "is for operators, by direct invocation"
"""Message of the 403 to a field of operators: one document describes both doors."""
RULES = {
    "are part of": "one count has another one in it",
    "^(by|reason) is not a field": "who imports and why, which go with backfill alone",
    "cursor must be from an answer|cursor must be one that": "an earlier answer gives it",
    "receipt must be one that a reservation gave": "the same",
    "cannot change": "a default budget keeps its name",
    "must stay": "a default budget keeps its scope and period",
    "is the system's": "a tenant's budget has no id of the system's",
    "has one account for all": "a name needs a budget for each",
    "is required": "another field, or what is stored, asks for it",
    " needs ": "one field needs another",
    " takes no |does not go with": "one field excludes another",
    "send one of the two": "the same",
    "stands for all of a provider's models": "a pattern takes a discount alone",
    "must name each model once": "items of a list differ in one field",
    "to must not be before from": "the same, of two fields",
    "cached tokens are part of input_tokens": "the same, of two counts",
    "up_to_usd must be at most|after_seconds must be below": "two rules of one authority",
    "Idempotency-Key header differ": "a header and a field",
    "matches nobody": "the form of a signer, and the tenant's owner",
    "give one of signer": "one field excludes another",
    "no price list": "what is in the bucket",
    "must not be zero": "an amount is not zero, in any spelling",
    "must be above zero": "the same",
    "more than 12 decimal places": "a JSON number has as many digits as it was written with",
    "5 minutes ahead|must be in the future|must be before": "the server's clock",
    "must have period run|is set for one tenant": "one field binds another",
    "must rise from|is given twice": "items of a list are compared",
    "would make a limit": "the budget's limit now",
    "send at least one field": "an empty change",
    "must be from 0 to": "an amount has no bounds of its own in the document",
    "must not have invisible characters": "categories of Unicode",
    "control characters or line breaks": "the same",
    "must be a text of 1-256 characters": "a name is trimmed first",
}
"""Messages of 400 answers to requests that their schema accepts, and what the rule looks at."""
_RULES = re.compile("|".join(RULES))


def findings(url: str, operations: list[str], **settings: Any) -> list[str]:
    """What is wrong with these operations; each once for each kind of fault."""
    config = SchemathesisConfig.from_dict({**CONFIG, **settings})
    served = schemathesis.openapi.from_url(
        f"{url}/openapi.json", config=config, headers=AUTHORIZED
    ).include(operation_id=operations)
    found = dict[tuple[str, str], str]()
    for event in from_schema(served).execute():
        for label, kind, text in _faults(event):
            found.setdefault((label, kind), f"{label}: {kind}: {text}")
    return list(found.values())


def _faults(event: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        yield str(event.label), "error", str(event.info)
    if isinstance(event, events.ScenarioFinished):
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None and not _is_none(event.recorder, case_id, check):
                    yield event.recorder.label, check.name, _told(event.recorder, case_id, check)


def _is_none(recorder: Any, case_id: str, check: Any) -> bool:
    case, response = recorder.cases[case_id].value, recorder.interactions[case_id].response
    if check.name == "positive_data_acceptance":
        message = response.json()["message"]
        if response.status_code == 403:
            return OPERATORS in message
        return response.status_code == 400 and bool(_RULES.search(message))
    return check.name == "negative_data_rejection" and _has_null(case.body)


def _has_null(body: Any) -> bool:
    if isinstance(body, Mapping):
        return any(_has_null(one) for one in body.values())
    return any(_has_null(one) for one in body) if isinstance(body, list) else body is None


def _told(recorder: Any, case_id: str, check: Any) -> str:
    case, response = recorder.cases[case_id].value, recorder.interactions[case_id].response
    asked = f"{case.method} {case.formatted_path} {case.query or ''} {case.headers} {case.body!r}"
    return f"{check.failure_info.failure.message[:500]}\n{asked[:1000]}\n{response.text[:500]}"


def know_formats() -> None:
    """Let schemathesis make strings of the formats that the document names."""
    past = st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1))  # noqa: DTZ001 - Z is added
    string_format("iana-time-zone", st.sampled_from(["UTC", "Europe/Berlin", "America/Lima"]))
    string_format("name", st.text("abcXYZ 0-9äß漢-_.", min_size=1).filter(str.strip))
    string_format("date-time", past.map(lambda one: f"{one.isoformat()}Z"))
