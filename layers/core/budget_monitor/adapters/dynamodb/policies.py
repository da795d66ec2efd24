"""Where policies come from: what people decided, read once in a while and whenever it changed."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError

from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.rules.policy import Policy, default_policy
from budget_monitor.domain.rules.rulebook import Rules, policy_of, rules_key
from budget_monitor.ports import Clock, Document, RecentDocuments, Store
from budget_monitor.ports.recency import Origin, RecentPolicy

FRESH = timedelta(seconds=30)
"""How long a policy is used before it is read again, though nobody said that it changed."""
RECENT = timedelta(seconds=10)
"""The same of one that was made of copies."""
_QUARTER_SECONDS = 900
"""Every period of every zone begins on a quarter of an hour: no policy is used across one."""
_KNOWN = 1000

_UNREADABLE = (AttributeDeserializationError, AttributeNullError)

logger = logging.getLogger(__name__)


_Documents = Callable[[Iterable[DocumentKey]], RecentDocuments]


class StoredPolicies:
    """The default gates, and over them what was decided for the system and for the tenant."""

    def __init__(
        self, config: Config, store: Store, clock: Clock, *, keeps_balances: bool = True
    ) -> None:
        """`keeps_balances`: what expired grants leave is written down; else only computed."""
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
            most_holds=config.most_holds,
            most_per_entry=config.most_per_entry,
            hides_system=not config.show_system_amounts,
        )

    def for_tenant(self, tenant_id: str) -> Policy:
        """All that applies to this tenant. One read, unless it was read a moment ago.

        If that fails: the one that was read last. Later decisions of its month are announced on the
        month's rows, whose version every write asserts. In a later month it grants nothing.
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
        if last.doubtful:  # worth another try: a cost is booked by it without asserting it
            with suppress(UnavailableError):
                return self._anew(tenant_id, self._stored).policy
        return last

    def _last(self, tenant_id: str, known: RecentPolicy | None) -> Policy | None:
        """The policy that was read last; doubtful where somebody may have decided since."""
        if known:
            return _fallback(known, self._clock.now())
        forgotten = self._forgotten.get(tenant_id)
        return replace(forgotten.policy, doubtful=True) if forgotten else None

    def recent(self, tenant_id: str) -> RecentPolicy:
        """The same for answers only: perhaps made of copies that are at most 10 s old.

        Raises UnavailableError where it cannot be read: nothing asserts the version of an answer.
        """
        now, known = self._clock.now(), self._read.get(tenant_id)
        if known and _usable(known, now, FRESH):
            # Whoever reads the months' rows sees whether anybody decided since.
            return RecentPolicy(known.policy, Origin(now))
        copied = self._copied.get(tenant_id)
        if copied and _usable(copied, now, RECENT):
            return copied
        return self._anew(tenant_id, self._store.recent_documents)

    def forget(self, tenant_id: str) -> None:
        """Read what applies to this tenant anew when it is asked for next."""
        known = self._read.pop(tenant_id, None)
        if known:
            self._forgotten[tenant_id] = known  # a cost is booked by it if nothing can be read
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
        """The policy; one that cannot be read is damaged and grants nothing."""
        system, own = rules_key(SYSTEM), rules_key(tenant_id)
        origin, of_system = Origin(self._clock.now()), Rules(SYSTEM)
        try:
            found = read(dict.fromkeys((system, own)))
            origin = found.origin
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
            if origin.cached:  # a copy may be damaged where the original is not
                return self._load(tenant_id, self._stored)
        logger.error("the policy of %s is damaged", tenant_id)
        known = policy_of(self.defaults, of_system, Rules(tenant_id))
        return RecentPolicy(replace(known, damaged=True), origin)

    def _balanced(self, policy: Policy, tenant_id: str) -> Policy:
        """The policy with what expired grants and ended months leave; most policies have none."""
        if not policy.keeps_balances:
            return policy
        from budget_monitor.usecases.rules.balances import Balances  # noqa: PLC0415 - lean imports

        balances = Balances(self._store, keeps=self._keeps_balances)
        return balances.policy(policy, tenant_id, self._clock.now())


def _bound(known: OrderedDict[str, RecentPolicy]) -> None:
    if len(known) > _KNOWN:
        known.popitem(last=False)


def read_rules(name: DocumentKey, document: Document | None) -> Rules:
    """The rules that a document keeps; none where there is no document."""
    if document is None:
        return Rules(name.tenant_id)
    return Rules.load(name.tenant_id, document.version, document.body)


def _fallback(known: RecentPolicy, now: datetime) -> Policy:
    """The policy that was read last; doubtful where that was in an earlier month of the tenant.

    The rows of a month carry no version until somebody decides or books by one in that month.
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
