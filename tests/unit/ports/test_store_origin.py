"""The origin of an answer that is made from several reads."""

from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.ports import Origin

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(seconds=7)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Origin(NOON), Origin(EARLIER), Origin(EARLIER)),
        (Origin(NOON), Origin(EARLIER, cached=True), Origin(EARLIER, cached=True)),
        (Origin(NOON, cached=True), Origin(EARLIER), Origin(EARLIER, cached=True)),
        (Origin(NOON), Origin(NOON), Origin(NOON)),
    ],
)
def test_it_is_as_old_as_the_older_and_cached_if_one_is(
    one: Origin, other: Origin, both: Origin
) -> None:
    assert one.joined(other) == both == other.joined(one)
