"""Batches of records: which one failed, and which records are not those of the source."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door.direct import as_operation, failures, id_of

SEQUENCE = {"dynamodb": {"SequenceNumber": 7}}


def test_a_batch_becomes_an_operation_and_any_other_event_stays() -> None:
    batch = {"Records": [SEQUENCE]}
    assert as_operation(batch, "notice") == {"operation": "notice", "records": [SEQUENCE]}
    for event in ({"operation": "send_due"}, {"Records": "x"}):
        assert as_operation(event, "notice") == event


def test_an_id_is_found_at_its_path_as_text() -> None:
    assert id_of(SEQUENCE, "dynamodb", "SequenceNumber", source="a stream") == "7"


@pytest.mark.parametrize("record", [{}, {"dynamodb": 1}, {"dynamodb": {}}, 1, None])
def test_a_record_without_an_id_is_an_error_that_names_records(record: Any) -> None:
    with pytest.raises(ValidationError, match="those of a stream") as fault:
        id_of(record, "dynamodb", "SequenceNumber", source="a stream")
    assert fault.value.field == "records"


def test_two_failed_records_are_the_two_that_are_delivered_again() -> None:
    assert failures(["7", "9"]).body == {
        "batchItemFailures": [{"itemIdentifier": "7"}, {"itemIdentifier": "9"}]
    }
