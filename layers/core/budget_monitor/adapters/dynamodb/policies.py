"""The `Policies` port: read rules from the store and keep them for up to 30 s."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError

from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.accounting.growth import Growth
from budget_monitor.domain.documents import DocumentKey, growth_key
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.matching import ModelNames, as_said
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules, policy_of, rules_key
from budget_monitor.ports import Clock, Document, Origin, RecentDocuments, RecentPolicy, Store

FRESH = timedelta(seconds=30)
"""How long a policy is used before it is read again."""
RECENT = timedelta(seconds=10)
"""How long a policy from copies is used."""
_QUARTER_SECONDS = 900
"""In every time zone, periods begin on a quarter of an hour. No policy is used across one."""
_MAX_KNOWN = 1000

_UNREADABLE = (AttributeDeserializationError, AttributeNullError)

logger = logging.getLogger(__name__)


_Documents = Callable[[Iterable[DocumentKey]], RecentDocuments]


class StoredPolicies:
    """The built-in budgets, overridden by the system's and the tenant's rules."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        models: ModelNames = as_said,
        *,
        keeps_balances: bool = True,
    ) -> None:
        """`keeps_balances`: store what expired grants leave; otherwise only compute it."""
        self._store = store
        self._keeps_balances = keeps_balances
        self._clock = clock
        self._read = OrderedDict[str, RecentPolicy]()
        self._copied = OrderedDict[str, RecentPolicy]()
        self._forgotten = OrderedDict[str, RecentPolicy]()
        defaults = default_policy(
            config.execution_limit,
            config.workflow_limit,
            config.tenant_month_limit,
            config.system_month_limit,
            config.default_enforcement,
        )
        self.defaults = replace(
            defaults,
            max_holds=config.max_holds,
            max_per_entry=config.max_per_entry,
            models=models,
            hides_system=not config.show_system_amounts,
        )

    def for_tenant(self, tenant_id: str) -> Policy:
        """Return the tenant's policy. One read, unless it was read within 30 s.

        If the read fails, the last policy is used. That is safe: a later change is announced on the
        rows of its month, and every write checks their policy version. In a later month the last
        policy is `doubtful` and grants no holds.
        """
        known = self._read.get(tenant_id)
        if known and _usable(known, self._clock.now(), FRESH):
            return known.policy
        try:
            return self._anew(tenant_id, self._stored).policy
        except UnavailableError:
            last = self._last(tenant_id, known)
            if last is None:
                raise
        if last.doubtful:  # try again: a cost would be booked without a check of the version
            with suppress(UnavailableError):
                return self._anew(tenant_id, self._stored).policy
        return last

    def _last(self, tenant_id: str, known: RecentPolicy | None) -> Policy | None:
        """Return the last policy that was read; doubtful if an unseen change is possible."""
        if known:
            return _fallback(known, self._clock.now())
        forgotten = self._forgotten.get(tenant_id)
        return replace(forgotten.policy, doubtful=True) if forgotten else None

    def recent(self, tenant_id: str) -> RecentPolicy:
        """Return the tenant's policy for answers only; it may come from copies up to 10 s old.

        Raises UnavailableError if it cannot be read: an answer has no check of the version.
        """
        now, known = self._clock.now(), self._read.get(tenant_id)
        if known and _usable(known, now, FRESH):
            # The policy version on the months' rows shows whether it has changed since then.
            return RecentPolicy(known.policy, Origin(now))
        copied = self._copied.get(tenant_id)
        if copied and _usable(copied, now, RECENT):
            return copied
        return self._anew(tenant_id, self._store.recent_documents)

    def forget(self, tenant_id: str) -> None:
        """Read the tenant's policy from the store at the next use."""
        known = self._read.pop(tenant_id, None)
        if known:
            self._forgotten[tenant_id] = known  # used for costs if nothing can be read
            _bound(self._forgotten)
        self._copied.pop(tenant_id, None)

    def _stored(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        origin = Origin(self._clock.now())
        return RecentDocuments(self._store.documents(names), origin)

    def _anew(self, tenant_id: str, read: _Documents) -> RecentPolicy:
        found = self._load(tenant_id, read)
        known = self._copied if found.origin.cached else self._read
        known[tenant_id] = found
        _bound(known)
        return found

    def _load(self, tenant_id: str, read: _Documents) -> RecentPolicy:
        """Read the policy. If a document is damaged, the policy is marked and grants no holds."""
        system, own = rules_key(SYSTEM), rules_key(tenant_id)
        growths = dict.fromkeys((growth_key(SYSTEM), growth_key(tenant_id)))
        origin, of_system = Origin(self._clock.now()), Rules(SYSTEM)
        try:
            found = read(dict.fromkeys((system, own, *growths)))
            origin = found.origin
            self._learn(growths, found)
            of_system = read_rules(system, found.documents.get(system))
            of_tenant = (
                read_rules(own, found.documents.get(own)) if own != system else Rules(SYSTEM)
            )
            policy = policy_of(self.defaults, of_system, of_tenant)
            return RecentPolicy(self._balanced(policy, tenant_id), origin)
        except UnavailableError as fault:
            if not isinstance(fault.__cause__, _UNREADABLE):
                raise
        except ValueError:
            if origin.cached:  # the copy may be damaged, but not the original
                return self._load(tenant_id, self._stored)
        logger.error("the policy of %s is damaged", tenant_id)
        known = policy_of(self.defaults, of_system, Rules(tenant_id))
        return RecentPolicy(replace(known, damaged=True), origin)

    def _learn(self, growths: Iterable[DocumentKey], found: RecentDocuments) -> None:
        """Tell the store how many rows accounts open with."""
        for name in growths:
            document = found.documents.get(name)
            if document is None:
                continue
            try:
                self._store.grow(name.tenant_id, Growth.load(document.version, document.body))
            except ValueError:
                logger.exception("the growth of %s is damaged", name.tenant_id)

    def _balanced(self, policy: Policy, tenant_id: str) -> Policy:
        """The policy with what expired grants and ended months leave; most policies have none."""
        if not policy.keeps_balances:
            return policy
        from budget_monitor.usecases.rules.balances import Balances  # noqa: PLC0415 - lean imports

        balances = Balances(self._store, keeps=self._keeps_balances)
        return balances.policy(policy, tenant_id, self._clock.now())


def _bound(known: OrderedDict[str, RecentPolicy]) -> None:
    if len(known) > _MAX_KNOWN:
        known.popitem(last=False)


def read_rules(name: DocumentKey, document: Document | None) -> Rules:
    """Return the rules of a document; empty rules if there is no document."""
    if document is None:
        return Rules(name.tenant_id)
    return Rules.load(name.tenant_id, document.version, document.body)


def _fallback(known: RecentPolicy, now: datetime) -> Policy:
    """Return the last policy that was read; doubtful if that was in an earlier month.

    The rows of a month have no policy version before the first change or booking in that month.
    """
    calendar, read_at = known.policy.calendar, known.origin.as_of
    same_month = calendar.name(MONTH, read_at) == calendar.name(MONTH, now)
    return known.policy if same_month else replace(known.policy, doubtful=True)


def _usable(known: RecentPolicy, now: datetime, life: timedelta) -> bool:
    read_at = known.origin.as_of
    expiry = known.policy.fresh_until
    if expiry is not None and now >= expiry:
        return False
    same_quarter = read_at.timestamp() // _QUARTER_SECONDS == now.timestamp() // _QUARTER_SECONDS
    return same_quarter and timedelta() <= now - read_at < life
