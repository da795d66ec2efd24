"""Text of alerts: who, what, how much, and what to do."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.alerts.alerts import (
    BLOCKED,
    COST_QUARANTINED,
    COST_RELABELLED,
    FALLBACK_PRICE_USED,
    FORECAST_EXCEEDED,
    HOLD_EXPIRED,
    LIMIT_EXCEEDED,
    MANUAL,
    MONTH_CLOSED,
    NEARING_LIMIT,
    PRICE_DIFFERS,
    PRICES_OLD,
    RAISE_ESCALATED,
    RAISE_REQUESTED,
    RECONCILE_DIFFERENCE,
    SECOND_APPROVER_NEEDED,
    STRIPES_GROWN,
    WORKFLOW_PAUSED,
    WORKFLOW_RESUMED,
    WOULD_BLOCK,
    Alert,
    Message,
)
from budget_monitor.domain.rules.budgets import SHADOW
from budget_monitor.domain.rules.limits import limit_field
from budget_monitor.domain.units import USD, suffix, words

SUBJECT_LENGTH = 100
"""Maximum of an SNS subject, in printable ASCII characters."""

Facts = Mapping[str, Any]


def message_of(alert: Alert, link: str | None = None) -> Message:
    """Return the alert as it is sent. Control characters in names become `?`.

    `link`: a page where people can answer. The fields for machines have the same title and text.
    """
    body = alert.public()
    facts = {**body, "who": _who(alert)}
    headline, advice = _WORDS[MANUAL if alert.is_manual else alert.kind]
    what = _line(headline(facts))
    lines = [
        f"{what}.",
        f"Noticed at {body['at']}" + (f", period {alert.period}" if alert.period else "") + ".",
        *([f"Owner: {_line(str(facts['owner']))}."] if facts.get("owner") else []),
        f"What to do: {_line(advice(facts))}",
        *([f"Answer here, once: {link}"] if link else []),
        f"Alert {alert.alert_id} ({alert.kind}, {alert.severity}).",
    ]
    said = {"title": what, "text": "\n".join(lines[1:-1]), "link": link}
    return Message(_subject(what), "\n".join(lines), body | said)


def _who(alert: Alert) -> str:
    if alert.tenant_id == SYSTEM:
        return "the system"
    named = "" if alert.scope_id == alert.tenant_id else f", {alert.scope} {alert.scope_id}"
    return f"tenant {alert.tenant_id}{named}"


def _line(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)


def _subject(text: str) -> str:
    plain = text.encode("ascii", "replace").decode()
    return plain if len(plain) <= SUBJECT_LENGTH else f"{plain[: SUBJECT_LENGTH - 3]}..."


def _spent(facts: Facts) -> str:
    return (
        f"{facts['threshold_percent']} % of {facts['budget_id']} passed: {facts['who']} spent "
        f"{_amount(facts, 'spent')} of {_amount(facts, 'limit')}"
    )


def _amount(facts: Facts, name: str) -> str:
    """The amount with its unit; alerts of before there were units are in USD."""
    unit = facts.get("unit", USD)
    amount = facts[f"{name}_{suffix(unit)}"]
    return f"{amount} USD" if unit == USD else words(unit, Decimal(amount))


def _exceeded(facts: Facts) -> str:
    if "cause" not in facts:
        return _spent(facts)
    return (
        f"the limit of {facts['budget_id']} is {_amount(facts, 'limit')} now, below the "
        f"{_amount(facts, 'spent')} that {facts['who']} spent"
    )


def _spared(facts: Facts) -> str:
    return (
        f"shadow budget {facts['budget_id']} would have refused {facts['who']} "
        f"{_amount(facts, 'asked')} at {_amount(facts, 'spent')} of {_amount(facts, 'limit')}"
    )


def _raise(facts: Facts) -> str:
    if facts.get("enforcement") == SHADOW:
        return (
            f"nothing is refused, {facts['budget_id']} is a shadow budget; read the shadow report."
        )
    until = f", or wait until {facts['resets_at']}" if facts.get("resets_at") else ""
    then = {
        "block": "at the limit every further reservation is refused",
        "block_new": "at the limit new runs are refused",
        "pause": "at the limit the workflow is paused",
        "ask": "at the limit every further reservation is refused and asks people for more",
    }.get(facts.get("action", ""), "nothing is refused by this budget")
    in_usd = facts.get("unit", USD) == USD
    more = "raise" if in_usd else f"set a higher {limit_field(facts['unit'])} of"
    return f"{then}; look at the usage by agent, {more} {facts['budget_id']} with a reason{until}."


def _blocked(facts: Facts) -> str:
    return f"{facts['who']} was refused by {facts['budget_id']}: {facts['reason']}"


def _paused(facts: Facts) -> str:
    return f"{facts['who']} is paused by {facts['by']}"


def _why(facts: Facts) -> str:
    return f"{facts['reason']}; resume it with by and reason, and with limit_usd if it needs more."


def _resumed(facts: Facts) -> str:
    return f"{facts['who']} was resumed by {facts['by']}"


def _forecast(facts: Facts) -> str:
    return (
        f"{facts['who']} is forecast at {_amount(facts, 'estimate')} by the end of "
        f"{facts['period']}, above its limit of {_amount(facts, 'limit')}"
    )


def _expired(facts: Facts) -> str:
    return (
        f"{facts['who']} did not settle a hold before it expired: {facts['reservation_id']} of "
        f"{facts['amount_usd']} USD, the first of the day"
    )


def _differs(facts: Facts) -> str:
    return f"{facts['differences']} accounts of {facts['who']} differ from the ledger"


def _closed(facts: Facts) -> str:
    return f"{facts['period']} is closed for {facts['who']}: {facts['spent_usd']} USD spent"


def _guessed(facts: Facts) -> str:
    return (
        f"no price is known for {facts['scope_id']}: {facts['who']} was charged its fallback price"
    )


def _quarantined(facts: Facts) -> str:
    return (
        f"{facts['who']} recorded a cost of {facts['cost_usd']} USD, above the ceiling of "
        f"{facts['most_per_entry_usd']} USD per entry: it is quarantined"
    )


def _review(facts: Facts) -> str:
    return (
        f"confirm or reject cost {facts['entry_id']}, with by and reason; "
        "until it is confirmed it counts in no account."
    )


def _relabelled(facts: Facts) -> str:
    return f"{facts['who']} is booked under {_place(facts)}, which differs from its request"


def _place(facts: Facts) -> str:
    flow, parent = facts["workflow_execution_id"], facts["parent_execution_id"]
    return f"workflow {flow or 'none'}, parent {parent or 'none'}"


def _asked(facts: Facts) -> str:
    return (
        f"{facts['who']} asks for {facts['amount_usd']} USD more of {facts['budget_id']}, of which "
        f"{facts['available_usd']} of {facts['limit_usd']} USD are left: {facts['reason']}"
    )


def _unanswered(facts: Facts) -> str:
    return f"no answer yet, so {', '.join(facts['escalated_to'])} should answer: {_asked(facts)}"


def _half_approved(facts: Facts) -> str:
    return (
        f"{facts['approved_by']} approved {facts['approved_usd']} USD, and a second person must "
        f"approve: {_asked(facts)}"
    )


def _answer(facts: Facts) -> str:
    return (
        f"approve or deny request {facts['request_id']}, with by and reason; without an answer it "
        f"expires at {facts['expires_at']}."
    )


_Words = Callable[[Facts], str]
_WORDS: Mapping[str, tuple[_Words, _Words]] = {
    NEARING_LIMIT: (_spent, _raise),
    LIMIT_EXCEEDED: (_exceeded, _raise),
    WOULD_BLOCK: (_spared, _raise),
    BLOCKED: (_blocked, lambda facts: f"{facts['unblock']}."),
    WORKFLOW_PAUSED: (_paused, _why),
    WORKFLOW_RESUMED: (_resumed, lambda facts: f"nothing; the reason was: {facts['reason']}."),
    FORECAST_EXCEEDED: (_forecast, lambda _: "look at the usage by agent, or raise the limit."),
    HOLD_EXPIRED: (
        _expired,
        lambda _: "settle or release every hold; a late settlement is still booked.",
    ),
    RECONCILE_DIFFERENCE: (
        _differs,
        lambda _: "run reconcile for the tenant, look at the differences, then rebuild.",
    ),
    MONTH_CLOSED: (_closed, lambda _: "read the statement; late costs lead to a revised one."),
    FALLBACK_PRICE_USED: (
        _guessed,
        lambda facts: (
            f"set its price from {facts['occurred_at']} on, then reprice {facts['period']}."
        ),
    ),
    PRICE_DIFFERS: (
        lambda facts: (
            f"the provider charged {facts['provider_cost_usd']} USD for a call of "
            f"{facts['scope_id']}, the price list gives {facts['computed_cost_usd']} USD"
        ),
        lambda _: "compare the price list with the provider's prices, or set the price.",
    ),
    PRICES_OLD: (
        lambda facts: (
            f"the price list {facts['version']} is from {facts['dated']}, {facts['days']} days old"
        ),
        lambda _: "install a newer list: docs/operate/price-list.md.",
    ),
    STRIPES_GROWN: (
        lambda facts: (
            f"writers met at the rows of the accounts in {facts['hot_minutes']} minutes of an "
            f"hour; accounts open with {facts['stripes']} rows instead of "
            f"{facts['stripes_before']}, days from {facts['from_day']} on and months from "
            f"{facts['from_month']} on"
        ),
        lambda _: "nothing to do; set TenantStripes or SystemStripes if more tenants will be hot.",
    ),
    COST_QUARANTINED: (_quarantined, _review),
    RAISE_REQUESTED: (_asked, _answer),
    RAISE_ESCALATED: (_unanswered, _answer),
    SECOND_APPROVER_NEEDED: (_half_approved, _answer),
    COST_RELABELLED: (
        _relabelled,
        lambda _: "give the same workflow and parent in every request of a run.",
    ),
    MANUAL: (lambda facts: f"{facts['who']}: {facts['message']}", lambda _: "see the message."),
}
