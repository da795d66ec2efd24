"""Bad input is refused by name at every field and both doors, and changes nothing."""

from __future__ import annotations

import json

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors import bad_input as bad
from tests.support.doors.bad_input import GOOD, cases
from tests.support.doors.doors import Answer

BAD = ("VALIDATION_ERROR", "MALFORMED_JSON")
SECRETS = ("Traceback", "botocore", "pynamodb", "boto3", 'File "', "DynamoDB", "Exception")

BY_OPERATION = {
    "check": [*cases("estimated_cost_usd", bad.BAD_MONEY[:8]), *bad.LABEL_CASES],
    "reserve": [
        *cases("estimated_cost_usd", bad.BAD_MONEY),
        *cases("expires_in_seconds", bad.BAD_SECONDS),
        *cases("reservation_id", bad.BAD_IDS),
        *cases("include_gates", bad.BAD_FLAGS),
        *cases("agent", bad.BAD_NAMES[:6]),
        *cases("tags", bad.BAD_TAGS[:4]),
    ],
    "record_cost": [*cases("cost_usd", bad.BAD_MONEY), *bad.LABEL_CASES, *bad.COST_CASES],
    "settle": [*cases("cost_usd", bad.BAD_MONEY[:12]), *bad.COST_CASES],
    "draw": [
        *cases("cost_usd", bad.BAD_MONEY[:12]),
        *cases("draw_id", [*bad.BAD_IDS[:8], '"settle:x"']),
        *cases("tags", bad.BAD_TAGS[:4]),
    ],
    "extend": cases("expires_in_seconds", bad.BAD_SECONDS),
    "adjust": [
        *cases("amount_usd", [value for value in bad.BAD_MONEY if "-1" not in value][2:]),
        *cases("reason", bad.BAD_REASONS),
        *cases("by", bad.BAD_REASONS),
        *cases("adjustment_id", [*bad.BAD_IDS[:8], '"settle:x"']),
    ],
}


def seeded(tenant: Tenant) -> dict[str, dict[str, str]]:
    """One hold and one entry to operate on; what each operation wants in its path."""
    hold = {"reservation_id": tenant.hold("1", reservation_id="hold-1")}
    entry = {"entry_id": tenant.spend("1", entry_id="cost-1")}
    return {"settle": hold, "draw": hold, "extend": hold, "release": hold, "adjust": entry}


def send(tenant: Tenant, operation: str, path: dict[str, str], **texts: str) -> Answer:
    text = ", ".join(f"{json.dumps(name)}: {value}" for name, value in texts.items())
    return tenant.door.send(operation, "{" + text + "}", tenant_id=tenant.id, **path)


def with_bad(operation: str, field: str, text: str) -> dict[str, str]:
    """Good texts but for one field, or the object around it."""
    return GOOD[operation] | {field.split(".", maxsplit=1)[0]: text}


def is_bad_request(answer: Answer) -> bool:
    return answer.error in BAD and answer.has_status(400)


def names(answer: Answer, field: str) -> bool:
    """The field itself, or the item in it; JSON that was refused whole has no field."""
    return answer.error == "MALFORMED_JSON" or str(answer.field).partition("[")[0] == field


def hides_all(answer: Answer, cloud: Cloud) -> bool:
    """Nothing of what is inside is in the answer."""
    shown = answer.message + json.dumps(answer.content)
    return not any(secret in shown for secret in (*SECRETS, *cloud.names()))


@pytest.mark.parametrize("operation", GOOD)
def test_the_good_input_that_the_bad_is_made_of_is_accepted(tenant: Tenant, operation: str) -> None:
    path = seeded(tenant).get(operation, {})

    assert send(tenant, operation, path, **GOOD[operation]).error is None


@pytest.mark.parametrize("operation", BY_OPERATION)
def test_a_bad_field_is_refused_by_name_and_changes_nothing(
    tenant: Tenant, cloud: Cloud, operation: str
) -> None:
    path = seeded(tenant).get(operation, {})
    before = cloud.rows()

    accepted = [
        (field, text[:60], answer.error, answer.field)
        for field, text in BY_OPERATION[operation]
        for answer in [send(tenant, operation, path, **with_bad(operation, field, text))]
        if not (is_bad_request(answer) and names(answer, field) and hides_all(answer, cloud))
    ]

    assert accepted == []
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", BY_OPERATION)
def test_an_unknown_field_is_refused_by_name(tenant: Tenant, cloud: Cloud, operation: str) -> None:
    path = seeded(tenant).get(operation, {})
    before = cloud.rows()

    for name in ("colour", "Cost_usd", "cost", "__class__", "limit_usd"):
        answer = send(tenant, operation, path, **GOOD[operation], **{name: '"1"'})
        assert answer.refusal == ("VALIDATION_ERROR", name)

    assert cloud.rows() == before


@pytest.mark.parametrize(
    ("operation", "field"),
    [(name, field) for name, fields in GOOD.items() for field in fields],
)
@pytest.mark.parametrize("how", ["missing", "null"])
def test_a_required_field_is_asked_for_by_name(
    tenant: Tenant, cloud: Cloud, operation: str, field: str, how: str
) -> None:
    path = seeded(tenant).get(operation, {})
    before = cloud.rows()
    texts = {name: value for name, value in GOOD[operation].items() if name != field}

    answer = send(tenant, operation, path, **texts, **({field: "null"} if how == "null" else {}))

    assert answer.error == "VALIDATION_ERROR"
    assert answer.field == field
    assert cloud.rows() == before


@pytest.mark.parametrize("field", ["tenant_id", "reservation_id"])
def test_a_bad_id_in_the_path_is_refused(tenant: Tenant, cloud: Cloud, field: str) -> None:
    for text in bad.BAD_IDS:
        value = json.loads(text)
        if not isinstance(value, str) or value in ("", "\ud800"):
            continue
        ids = {"tenant_id": tenant.id, "reservation_id": "hold-1", field: value}
        answer = tenant.door.call("get_reservation", **ids)
        assert answer.refusal == ("VALIDATION_ERROR", field), value
        assert hides_all(answer, cloud)


@pytest.mark.parametrize(
    ("operation", "field", "values"),
    [
        ("tenant_usage", "month", bad.BAD_MONTHS),
        ("agent_costs", "month", bad.BAD_MONTHS[:4]),
        ("model_costs", "month", bad.BAD_MONTHS[:4]),
        ("daily_costs", "month", bad.BAD_MONTHS[:4]),
        ("ledger", "limit", bad.BAD_LIMITS),
        ("ledger", "cursor", bad.BAD_CURSORS),
        ("ledger", "from", [json.loads(text) for text in bad.BAD_TIMES[:8]]),
        ("ledger", "to", [json.loads(text) for text in bad.BAD_TIMES[:8]]),
        ("ledger", "format", ["xml", "", "CSV"]),
        ("ledger", "colour", ["blue"]),
        ("tenant_usage", "colour", ["blue"]),
        ("tenant_usage", "cursor", ["blue"]),
    ],
)
def test_a_bad_question_is_refused_by_name(
    tenant: Tenant, cloud: Cloud, operation: str, field: str, values: list[str]
) -> None:
    tenant.spend("1")
    for value in values:
        answer = tenant.call(operation, **{field: value})
        assert answer.refusal == ("VALIDATION_ERROR", field), f"{value!r}: {answer}"
        assert hides_all(answer, cloud)


@pytest.mark.parametrize(
    ("field", "values"), [("month", bad.BAD_MONTHS), ("limit", ["0", "x"]), ("cursor", ["x", ""])]
)
def test_a_bad_question_about_the_system_is_refused(
    tenant: Tenant, field: str, values: list[str]
) -> None:
    for value in values:
        answer = tenant.door.call("system_usage", **{field: value})
        assert answer.refusal == ("VALIDATION_ERROR", field), f"{value!r}: {answer}"


def test_odd_but_valid_times_are_never_an_accident(tenant: Tenant) -> None:
    for text in ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"):
        recorded = tenant.record("1", occurred_at=text)
        assert recorded.error in (None, "VALIDATION_ERROR")
        assert recorded.error or "late" in recorded.body["entry"]["flags"]
        for field in ("from", "to"):
            assert tenant.call("ledger", **{field: text}).error in (None, "VALIDATION_ERROR")


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "1970-01"])
def test_months_at_the_edges_of_time_are_empty(tenant: Tenant, month: str) -> None:
    for operation in ("tenant_usage", "agent_costs", "daily_costs"):
        assert tenant.call(operation, month=month).error in (None, "VALIDATION_ERROR")
