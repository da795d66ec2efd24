"""Alert people of a refusal, and remember it so that repeats are cheap."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from budget_monitor.domain.accounting.accounts import SYSTEM, Account, AccountKey
from budget_monitor.domain.holds.decisions import judge, with_amounts
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.values import dataclass
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.alerts.budget_notices import would_block
from budget_monitor.usecases.alerts.notices import AlertWriter, blocked
from budget_monitor.usecases.holds.decision import Decision

_READ_FIRST = timedelta(seconds=60)
"""For this long after a refusal, requests like it are read before they are written."""
_SAME_ANSWER = timedelta(seconds=1)
"""For this long, the accounts of a refusal answer requests like it."""
_MAX_REMEMBERED = 1000

_Accounts = Mapping[AccountKey, Account]
_Key = tuple[str, tuple[AccountKey, ...]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Refusal:
    at: datetime
    policy: Policy
    accounts: _Accounts
    writes: int


class Refusals:
    """Refusals of this process. A repeated one takes no write, and within a second no read.

    Only refusals that no end of a hold would change are remembered. No hold is granted from memory.
    """

    def __init__(self, notices: AlertWriter) -> None:
        self._notices = notices
        self._known = OrderedDict[_Key, _Refusal]()
        self._swept = OrderedDict[_Key, datetime]()

    def keep(self, plan: Plan, decision: Decision, accounts: _Accounts, writes: int) -> None:
        """Remember a refusal and its accounts. `writes`: how many this process has made by now."""
        if plan.stopped or not waits_for_holds(decision):
            _put(self._known, _key(plan), _Refusal(plan.at, plan.policy, accounts, writes))

    def expects(self, plan: Plan) -> bool:
        """True if a request like this was refused a moment ago, so that a read comes first."""
        found = self._known.get(_key(plan))
        return found is not None and plan.at - found.at < _READ_FIRST

    def accounts_for(self, plan: Plan, writes: int) -> tuple[datetime, _Accounts] | None:
        """The accounts of a refusal within the last second, and when they were read.

        None if this process has written since then, or has another policy.
        """
        found = self._known.get(_key(plan))
        if found is None or found.policy is not plan.policy or found.writes != writes:
            return None
        recent = timedelta() <= plan.at - found.at < _SAME_ANSWER
        return (found.at, found.accounts) if recent else None

    def may_sweep(self, plan: Plan) -> bool:
        """True unless a sweep for such a request freed nothing within the last second."""
        last = self._swept.get(_key(plan))
        return last is None or not timedelta() <= plan.at - last < _SAME_ANSWER

    def swept_in_vain(self, plan: Plan) -> None:
        """Remember that no expired hold was in the way of such a request."""
        _put(self._swept, _key(plan), plan.at)

    def alert(self, plan: Plan, decision: Decision) -> None:
        """Store an alert for a budget's first refusal in a period."""
        verdict = decision.verdict
        named = (one for one in decision.standings or () if not one.allowed)
        standing = next((o for o in named if o.budget.budget_id == verdict.budget_id), None)
        if standing is None or plan.stopped:
            return
        tenant_id = SYSTEM if standing.gate.account.tenant_id == SYSTEM else plan.tenant_id
        person = None if tenant_id == SYSTEM else plan.policy.owner
        if standing.gate.private:  # the alert goes to the platform, whose amounts they are
            verdict = judge(with_amounts(decision.standings or ()))
        alert = blocked(tenant_id, standing, verdict, person, plan.at)
        if alert:
            self._notices.store(alert)

    def alert_of_shadows(self, plan: Plan, spared: Collection[Standing]) -> None:
        """Store an alert for the first request in a period that a shadow would have refused."""
        run = {name: value for name, value in plan.labels.public().items() if value}
        for one in with_amounts(tuple(spared)):
            self._notices.store(
                would_block(one, run, plan.booking.month, plan.policy.owner, plan.at)
            )


def waits_for_holds(decision: Decision) -> bool:
    """True if the request would be granted if nothing were held."""
    refusing = [one for one in decision.standings or () if not one.allowed]
    return bool(refusing) and all(one.fits_without_holds for one in refusing)


def _key(plan: Plan) -> _Key:
    return plan.tenant_id, plan.gated_accounts


def _put(known: "OrderedDict[_Key, T]", key: _Key, value: T) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _MAX_REMEMBERED:
        known.popitem(last=False)
