"""Where policies come from: what people decided, read once in a while and whenever it changed."""

import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError

from budget_monitor.config import Config
from budget_monitor.domain.accounts import SYSTEM
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.policy import Policy, default_policy
from budget_monitor.domain.rules import Rules, policy_of, rules_key
from budget_monitor.domain.transactions import DocumentKey
from budget_monitor.ports import Clock, Document, Store

FRESH = timedelta(seconds=30)
"""How long a policy is used before it is read again, though nobody said that it changed."""
_QUARTER_SECONDS = 900
"""Every period of every zone begins on a quarter of an hour: no policy is used across one."""
_KNOWN = 1000

_UNREADABLE = (AttributeDeserializationError, AttributeNullError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    policy: Policy
    at: datetime


class StoredPolicies:
    """The default gates, and over them what was decided for the system and for the tenant."""

    def __init__(self, config: Config, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._read = OrderedDict[str, _Read]()
        defaults = default_policy(
            config.execution_limit,
            config.workflow_limit,
            config.tenant_month_limit,
            config.system_month_limit,
        )
        self.defaults = replace(defaults, most_holds=config.most_holds)

    def for_tenant(self, tenant_id: str) -> Policy:
        """All that applies to this tenant. One read, unless it was read a moment ago."""
        now, known = self._clock.now(), self._read.get(tenant_id)
        if known and _usable(known.at, now):
            return known.policy
        try:
            policy = self._load(tenant_id)
        except UnavailableError:
            if known is None:
                raise
            return known.policy  # whoever decides by it notices at the write that it is too old
        self._read[tenant_id] = _Read(policy, now)
        if len(self._read) > _KNOWN:
            self._read.popitem(last=False)
        return policy

    def forget(self, tenant_id: str) -> None:
        """Read what applies to this tenant anew when it is asked for next."""
        self._read.pop(tenant_id, None)

    def _load(self, tenant_id: str) -> Policy:
        """The policy; one that cannot be read is damaged and grants nothing."""
        system, own = rules_key(SYSTEM), rules_key(tenant_id)
        try:
            found = self._store.documents(dict.fromkeys((system, own)))
            of_system = read_rules(system, found.get(system))
            of_tenant = read_rules(own, found.get(own)) if own != system else Rules(SYSTEM)
            return policy_of(self.defaults, of_system, of_tenant)
        except UnavailableError as fault:
            if not isinstance(fault.__cause__, _UNREADABLE):
                raise
        except (KeyError, TypeError, ValueError, AttributeError, ValidationError):
            pass
        logger.error("the policy of %s is damaged", tenant_id)
        return replace(self.defaults, damaged=True)


def read_rules(name: DocumentKey, document: Document | None) -> Rules:
    """The rules that a document keeps; none where there is no document."""
    if document is None:
        return Rules(name.tenant_id)
    return Rules.load(name.tenant_id, document.version, document.body)


def _usable(read_at: datetime, now: datetime) -> bool:
    same_quarter = read_at.timestamp() // _QUARTER_SECONDS == now.timestamp() // _QUARTER_SECONDS
    return same_quarter and timedelta() <= now - read_at < FRESH
