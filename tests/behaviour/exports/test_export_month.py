"""A month in files: they add up to its statement, while costs go on and however long it is."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from budget_monitor.usecases.exports import export_month as exporting
from budget_monitor.usecases.exports.files import write_part
from functions.resetting import app as resetting
from tests.support.builders import Tenant
from tests.support.costs.backfilling import backfill, cost
from tests.support.doors.doors import DirectDoor, HttpDoor
from tests.support.dynamodb.bulk import put_costs
from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import size
from tests.support.times import at

OCTOBER = "2026-10-20T10:00:00Z"
AFTER = "2026-11-05T04:00:00Z"
SIGNER = "arn:aws:iam::000000000000:user/tests"


@pytest.fixture
def tenant(direct_tenant: Tenant) -> Tenant:
    """Exports are direct: one door is enough."""
    return direct_tenant


def export(**fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = resetting.lambda_handler({"operation": "export_month", **fields}, None)
    return answer


def close(month: str) -> None:
    resetting.lambda_handler({"operation": "close_month", "month": month}, None)


def spend_in_october(tenant: Tenant) -> None:
    with at(OCTOBER):
        usage = {"input_tokens": 1000, "output_tokens": 200, "cache_read_tokens": 50}
        fields = {"model": "gpt-4o", "provider": "openai", "usage": usage, "agent": "writer"}
        tenant.call("record_cost", agent_execution_id="run-1", entry_id="priced", **fields)
        tenant.spend("0.1", entry_id="given", user="=cmd|calc", tags=["blue", "red"])
        tenant.spend("0.000000000001", entry_id="tiny", workflow="nightly")
        tenant.adjust("given", "-0.04", adjustment_id="fix")


def test_a_months_csv_adds_up_to_its_statement_to_the_last_digit(
    tenant: Tenant, bucket: ExportsInMemory
) -> None:
    spend_in_october(tenant)
    with at(AFTER):
        close("2026-10")
        answer = export(month="2026-10")
        (statement,) = tenant.call("statements", month="2026-10").body["items"]

    assert answer == {
        "month": "2026-10", "tenants": 1, "entries": 4, "differing": [], "failed": [],
        "passed_on": 0,
    }  # fmt: skip
    rows = bucket.rows("ledger_csv", tenant.id, "2026-10")
    spent = sum(Decimal(one["cost_usd"]) for one in rows)
    assert str(spent) == statement["spent_usd"]
    assert sum(int(one["tokens"]) for one in rows) == statement["tokens"]
    assert {one["month"] for one in rows} == {"2026-10"}
    focus = bucket.rows("focus", tenant.id, "2026-10")
    assert sum(Decimal(one["BilledCost"]) for one in focus) == spent
    (text,) = bucket.parts("ledger_json", tenant.id, "2026-10")
    lines = [json.loads(one) for one in text.splitlines()]
    assert sum(Decimal(one["cost_usd"]) for one in lines) == spent


def test_the_manifest_says_what_each_file_has_and_that_it_agrees(
    tenant: Tenant, bucket: ExportsInMemory
) -> None:
    spend_in_october(tenant)
    with at(AFTER, tick=False):
        close("2026-10")
        export(tenant_id=tenant.id, month="2026-10")

    told = bucket.manifest(tenant.id, "2026-10")
    assert (told["entries"], told["quarantined"], told["adds_up"]) == (4, 0, True)
    assert told["statement"] == {"number": 1, "spent_usd": told["spent_usd"], "agrees": True}
    assert told["recorded_until"] == "2026-11-05T03:59:00Z"
    assert [one["data_set"] for one in told["files"]] == ["ledger_csv", "ledger_json", "focus"]
    for one in told["files"]:
        data = bucket.files[one["key"]]
        assert (one["bytes"], one["sha256"]) == (len(data), sha256(data).hexdigest())
        assert one["rows"] == 4


def test_the_row_of_a_priced_cost_has_its_tokens_unit_prices_and_their_source(
    tenant: Tenant, bucket: ExportsInMemory
) -> None:
    spend_in_october(tenant)
    with at(AFTER):
        export(month="2026-10")

    row = next(one for one in bucket.rows("ledger_csv", tenant.id, "2026-10") if one["model"])
    wanted = {
        "tenant_id": tenant.id, "currency": "USD", "day": "2026-10-20",
        "model_resolved": "gpt-4o", "input_tokens": "1000", "output_tokens": "200",
        "cache_read_tokens": "50", "input_usd_per_million": "2.5",
        "cache_read_usd_per_million": "1.25", "output_usd_per_million": "10",
        "price_source": "genai-prices",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert row["unit_prices"].count("USD / 1000000") == 3


def test_an_export_again_is_the_same_and_a_shorter_one_leaves_nothing_behind(
    tenant: Tenant, bucket: ExportsInMemory, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART", 1)
    monkeypatch.setattr(exporting, "_PAGE", 1)
    cloud.set_limits(entry="10")
    with at(OCTOBER):
        tenant.spend("1", entry_id="a")
        tenant.spend("50", entry_id="slip")
    with at(AFTER):
        export(month="2026-10")
        first = dict(bucket.files)
        export(month="2026-10")
        names = [one for one in first if one.startswith("ledger_csv")]
        assert len(names) == 2
        assert all(bucket.files[one] == first[one] for one in names)
        # Confirmed after the close, the slip counts in November.
        tenant.call("confirm_cost", entry_id="slip", by="jo", reason="right")
    with at("2026-11-05T05:00:00Z"):
        export(month="2026-10")
        assert [one["entry_id"] for one in bucket.rows("ledger_csv", tenant.id, "2026-10")] == ["a"]
        assert {one["rows"] for one in bucket.manifest(tenant.id, "2026-10")["files"]} == {0, 1}


def test_a_quarantined_cost_is_shown_in_the_ledger_and_counts_nowhere(
    tenant: Tenant, bucket: ExportsInMemory, cloud: MemoryCloud
) -> None:
    cloud.set_limits(entry="10")
    with at(OCTOBER):
        tenant.spend("1", entry_id="a")
        tenant.spend("50", entry_id="slip")
    with at(AFTER):
        export(month="2026-10")

    told = bucket.manifest(tenant.id, "2026-10")
    assert (told["entries"], told["quarantined"], told["spent_usd"]) == (2, 1, "1")
    flags = [one["flags"] for one in bucket.rows("ledger_csv", tenant.id, "2026-10")]
    assert flags == ["", "quarantined"]
    assert len(bucket.rows("focus", tenant.id, "2026-10")) == 1


def test_costs_that_are_recorded_meanwhile_shift_nothing(
    tenant: Tenant, bucket: ExportsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART", 2)
    monkeypatch.setattr(exporting, "_PAGE", 2)
    with at("2026-10-31T23:00:00Z"):
        for number in range(7):
            tenant.spend("1", entry_id=f"e-{number}")

    def busy(*args: Any) -> Any:
        # Late costs of October, dated before everything that was exported so far.
        tenant.spend("1", occurred_at="2026-10-01T00:00:00Z")
        return write_part(*args)

    monkeypatch.setattr(exporting, "write_part", busy)
    with at("2026-11-01T10:00:00Z"):
        answer = export(month="2026-10")

    found = [one["entry_id"] for one in bucket.rows("ledger_csv", tenant.id, "2026-10")]
    assert found == [f"e-{number}" for number in range(7)]
    assert answer["differing"] == [tenant.id]
    monkeypatch.setattr(exporting, "write_part", write_part)
    with at("2026-11-01T10:10:00Z"):
        assert export(month="2026-10")["differing"] == []
    assert len(bucket.rows("ledger_csv", tenant.id, "2026-10")) == 11


def test_backfilled_months_are_exported_with_their_flag(
    tenant: Tenant, bucket: ExportsInMemory
) -> None:
    with at(AFTER):
        backfill(tenant, cost("5", "2026-07-05T00:00:00Z"))
    with at("2026-11-05T05:00:00Z"):
        assert export(month="2026-07")["differing"] == []
    (row,) = bucket.rows("ledger_csv", tenant.id, "2026-07")
    assert (row["flags"], row["by"], row["day"]) == ("backfill", "maria", "2026-07-05")


def test_a_bucket_that_does_not_answer_fails_the_tenant_and_keeps_the_last_manifest(
    tenant: Tenant, bucket: ExportsInMemory
) -> None:
    spend_in_october(tenant)
    with at(AFTER):
        export(month="2026-10")
        before = bucket.manifest(tenant.id, "2026-10")
        bucket.down = True
        assert export(month="2026-10")["failed"] == [tenant.id]
        bucket.down = False
        assert bucket.manifest(tenant.id, "2026-10") == before


def test_without_a_bucket_the_export_fails_and_says_so(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend_in_october(tenant)
    monkeypatch.setenv("EXPORTS_BUCKET", "")
    with at(AFTER):
        assert export(month="2026-10")["failed"] == [tenant.id]


@pytest.mark.parametrize(
    ("now", "month"), [(AFTER, "2026-10"), ("2026-11-30T20:00:00Z", "2026-11")]
)
def test_without_a_month_the_last_one_of_the_calendar_is_exported(
    tenant: Tenant, bucket: ExportsInMemory, now: str, month: str
) -> None:
    with at(now):
        assert export()["month"] == month


@pytest.mark.parametrize(
    "fields", [{"month": "2026-13"}, {"tenant_id": "a b"}, {"tenants": []}, {"format": "csv"}]
)
def test_a_bad_field_is_named(fields: dict[str, Any], cloud: MemoryCloud) -> None:
    with pytest.raises(Exception, match=next(iter(fields))):
        export(**fields)


@pytest.mark.doors("direct")
def test_the_memory_of_an_export_does_not_grow_with_the_month(
    tenant: Tenant,
    bucket: ExportsInMemory,
    cloud: MemoryCloud,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "PART", size(20, 40))
    monkeypatch.setattr(exporting, "_PAGE", size(10, 20))
    monkeypatch.setattr(ExportsInMemory, "_answer", lambda *_: {"Contents": [], **DONE})
    peaks = list[int]()
    for count in (size(40, 80), size(240, 400)):
        other = Tenant(tenant.door)
        put_costs(cloud, other.id, count)
        with at(AFTER):
            if not peaks:
                export(tenant_id=other.id, month="2026-10")  # everything is imported and cached
            tracemalloc.start()
            assert export(tenant_id=other.id, month="2026-10")["entries"] == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    assert peaks[1] < peaks[0] * 1.3


DONE: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}


def test_the_signer_of_an_entry_is_a_column_of_each_table(
    cloud: MemoryCloud, bucket: ExportsInMemory
) -> None:
    tenant = Tenant(HttpDoor())
    with at(OCTOBER):
        tenant.spend("1")
        tenant.through(DirectDoor()).spend("2", entry_id="unsigned")
        (header, first, second) = tenant.call("ledger", format="csv").body["csv"].splitlines()
    assert header.endswith(",signer")
    assert sorted([first.rpartition(",")[2], second.rpartition(",")[2]]) == ["", SIGNER]
    with at(AFTER):
        export(month="2026-10", tenant_id=tenant.id)
    (text,) = bucket.parts("ledger_json", tenant.id, "2026-10")
    lines = [json.loads(one)["signer"] for one in text.splitlines()]
    assert {*lines} == {SIGNER, None}
    for data_set, column in (("ledger_csv", "signer"), ("focus", "x_Signer")):
        rows = bucket.rows(data_set, tenant.id, "2026-10")
        assert {one[column] for one in rows} == {SIGNER, ""}
