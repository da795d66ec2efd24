"""The words of alerts, and what a person sends by hand."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.alerts.alerts import MANUAL, SEVERITIES, Alert
from budget_monitor.usecases.alerts.messages import message_of
from tests.support.alerts.tenants import BREAKS, FACTS, ODD, WHO, by_hand, sent
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.watch import Watch
from tests.support.rules.governing import cap, set_budget
from tests.support.times import now


@pytest.mark.parametrize("kind", SEVERITIES)
def test_a_person_may_tell_anything_under_any_kind(tenant: Tenant, watch: Watch, kind: str) -> None:
    alert = by_hand(watch, tenant, kind=kind, message="the model changes tomorrow")
    assert (alert["kind"], alert["state"]) == (kind, "sent")
    assert watch.post.letters[0]["subject"] == f"tenant {tenant.id}: the model changes tomorrow"


def test_the_same_key_sends_nothing_twice_and_other_words_under_it_are_refused(
    tenant: Tenant, watch: Watch
) -> None:
    first = by_hand(watch, tenant, message="hello", idempotency_key="one")
    assert by_hand(watch, tenant, message="hello", idempotency_key="one") == first
    for field, other in (
        ("message", {"message": "goodbye"}),
        ("kind", {"message": "hello", "kind": "blocked"}),
    ):
        with pytest.raises(Exception, match=field) as raised:
            by_hand(watch, tenant, idempotency_key="one", **other)
        assert type(raised.value).__name__ == "IdempotencyMismatchError"
        assert vars(raised.value)["field"] == field
    assert len(watch.post.letters) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "message"),
        ({"message": ""}, "message"),
        ({"message": "a\nb"}, "message"),
        ({"message": "a" * 1025}, "message"),
        ({"message": "a", "kind": "#loud"}, "kind"),
        ({"message": "a", "idempotency_key": "#"}, "idempotency_key"),
        ({"message": "a", "tenant_id": "*"}, "tenant_id"),
        ({"message": "a", "subject": "b"}, "subject"),
    ],
)
def test_bad_input_is_named_by_its_field(watch: Watch, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Exception, match=field) as raised:
        watch.call("send_alert", **{"tenant_id": "acme", **fields})
    assert (type(raised.value).__name__, vars(raised.value)["field"]) == ("ValidationError", field)
    assert watch.post.asked == []


def test_the_text_says_who_what_how_much_of_what_since_when_and_what_to_do(
    tenant: Tenant, watch: Watch
) -> None:
    tenant.call("set_tenant", owner="lee@shop.example", **WHO)
    tenant.spend("81.5")
    watch.look()
    letter, alert = watch.post.letters[1], watch.post.alerts[1]
    who, noticed, owner, advice, last = letter["texts"]["email"].split("\n")
    assert who == (f"80 % of tenant-month passed: tenant {tenant.id} spent 81.5 USD of 100 USD.")
    assert letter["subject"] == who[:-1]
    assert noticed == f"Noticed at {alert['at']}, period {alert['period']}."
    assert owner == "Owner: lee@shop.example."
    assert advice.startswith("What to do: at the limit every further reservation is refused; ")
    assert advice.endswith(f"or wait until {alert['resets_at']}.")
    assert last == f"Alert {alert['alert_id']} (nearing_limit, warning)."
    assert letter["attributes"] == {
        "tenant_id": tenant.id,
        "kind": "nearing_limit",
        "severity": "warning",
        "scope": "tenant",
    }
    (event,) = [one for one in watch.post.events if alert["alert_id"] in one["Detail"]]
    assert (event["Source"], event["DetailType"]) == ("budget-monitor", "nearing_limit")


def test_of_a_shadow_it_is_said_that_nothing_is_refused(tenant: Tenant, watch: Watch) -> None:
    cap(tenant, "10", enforcement="shadow", thresholds=[100])
    tenant.spend("11")
    watch.look()
    assert (
        "What to do: nothing is refused, cap is a shadow budget"
        in (watch.post.letters[0]["texts"]["email"])
    )


def test_names_cannot_begin_lines_or_subjects(tenant: Tenant, watch: Watch) -> None:
    odd = ODD.replace("\u202e", "")  # no door lets that one in
    assert set_budget(
        tenant, "odd", "1", scope="user", scope_id=odd, period="day", thresholds=[50, 100]
    ).body
    tenant.spend("2", user=odd, agent=odd)
    tenant.reserve("1", user=odd)
    by_hand(watch, tenant, message=ODD)
    watch.look()
    sent(watch)
    assert len(watch.post.letters) == 4
    for letter in watch.post.letters:
        assert len(letter["subject"]) <= 100
        assert letter["subject"].isascii()
        assert letter["subject"].isprintable()
        assert len(letter["texts"]["email"].splitlines()) in {4, 5}
        assert "\u202e" not in letter["texts"]["email"]
    assert {one.get("scope_id") for one in watch.post.alerts} == {odd, tenant.id}


@pytest.mark.parametrize("kind", [one for one in SEVERITIES if one != MANUAL])
def test_not_even_a_name_that_no_door_lets_in_begins_a_line(kind: str) -> None:
    facts = dict.fromkeys(FACTS, f"x{BREAKS}x")
    alert = Alert("acme", kind, ("1",), now(), "user", f"x{BREAKS}x", "2026-11", facts=facts)
    message = message_of(alert)
    assert len(message.text.splitlines()) == len(message.text.split("\n")) == 5
    assert message.subject.isprintable()
    assert not set(BREAKS) - {"\n"} & set(message.text)


def test_what_the_topic_takes_is_never_too_large(tenant: Tenant, watch: Watch) -> None:
    long = "\U0001f600" * 256
    for number in range(25):
        tenant.spend("1", agent=f"{number}{long[:250]}", agent_execution_id=f"run-{number}")
    table = watch.cloud.database._tables[watch.cloud.tables["AccountsTable"]]  # noqa: SLF001
    for key in [one for one in table.rows if "#agent#" in one[0]]:
        table.put(key, {**table.rows[key], "spent": {"N": "2"}, "committed": {"N": "2"}}, 10**6)
    DirectDoor().invoke("record_cost", f'{{"operation": "reconcile", "tenant_id": "{tenant.id}"}}')
    (alert,) = sent(watch)
    assert alert["differences"] == 25
    assert len(str(watch.post.letters[-1]["texts"]).encode()) < 200_000


def test_a_kind_of_ones_own_is_sent_as_it_is_called(watch: Watch, tenant: Tenant) -> None:
    told = by_hand(watch, tenant, message="we move on Friday", kind="maintenance")
    assert (told["kind"], told["severity"]) == ("maintenance", "info")
    (letter,) = watch.post.letters
    assert "we move on Friday" in letter["texts"]["email"]
