"""Make plans and their bills: complete the labels, find the policy, apply the stored state."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    execution_key,
)
from budget_monitor.domain.accounting.booking import book, correct, in_own_month
from budget_monitor.domain.accounting.labels import MAX_ANCESTORS, Labels
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Accounts, Clock, Origin, Policies
from budget_monitor.usecases.accounting.lineage import bad_parent, refuse_own_parent
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.run_names import RunNames, listed
from budget_monitor.usecases.accounting.run_starts import Beginnings
from budget_monitor.usecases.prices.pricing import Pricing
from budget_monitor.usecases.prices.spent import Bill, Spent


class Planner:
    """Makes plans with their bills. Reads the store only for a request that names a parent.

    An unknown price reloads the policy once; if it stays unknown, UnknownPriceError is raised.
    """

    def __init__(self, store: Accounts, policies: Policies, clock: Clock, pricing: Pricing) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._pricing = pricing
        self.beginnings = Beginnings(store)
        self._names = RunNames(self.intact)

    def plan(self, tenant_id: str, labels: Labels, spent: Spent | None = None) -> Plan:
        """Return the plan of a request made now. Raises ValidationError for a bad parent."""
        plan = self._place(tenant_id, self.below(tenant_id, labels))
        return self.priced(plan, spent) if spent else plan

    def cost(
        self,
        tenant_id: str,
        labels: Labels,
        spent: Spent,
        happened_at: datetime | None = None,
    ) -> Plan:
        """Return the plan of a past cost. The stored lineage overrides the caller's labels.

        Raises ValidationError if a run names itself as its parent.
        """
        labels = self.labelled(labels, spent)
        return self.priced(self.unpriced_cost(tenant_id, labels, happened_at), spent)

    def labelled(self, labels: Labels, spent: Spent) -> Labels:
        """The labels, with the model that the provider's answer names if none was given."""
        return self._pricing.labelled(labels, spent)

    def unpriced_cost(
        self,
        tenant_id: str,
        labels: Labels,
        happened_at: datetime | None = None,
        parents: Mapping[AccountKey, Account] | None = None,
        *,
        backfill: bool = False,
    ) -> Plan:
        """Return the plan of a past cost, without a bill. `parents`: accounts already read."""
        seat = self._seat(tenant_id, labels, parents)
        plan = self._place(tenant_id, seat.labels, happened_at, backfill=backfill)
        return replace(
            plan,
            said=labels,
            cut=seat.cut,
            skip_lineage_check=seat.skip_lineage_check or plan.skip_lineage_check,
        )

    def priced(self, plan: Plan, spent: Spent) -> Plan:
        """Return the plan with its bill. Missing or damaged prices are reloaded once."""
        try:
            return self.billed(plan, spent=spent)
        except (UnknownPriceError, UnavailableError):
            return self.refresh(plan.with_cost(spent, plan.bill))

    def billed(self, plan: Plan, bill: Bill | None = None, spent: Spent | None = None) -> Plan:
        """Return the plan with its bill. `bill` is used if it was made by the plan's policy.

        `spent`: the cost, if the plan has none yet.
        """
        spent, bill = spent or plan.spent, bill or plan.bill
        if spent is None:
            return plan
        if bill is None or bill.policy is not plan.policy:
            bill = self._pricing.bill(spent, plan.labels, plan.policy, plan.occurred_at)
        return (listed(plan) if bill.quote else plan).with_cost(spent, bill)

    def bill(
        self, tenant_id: str, labels: Labels, spent: Spent, happened_at: datetime | None
    ) -> Bill:
        """Return the bill by the policy that this process knows. No account is read."""
        at = happened_at or self._clock.now()
        return self._pricing.bill(spent, labels, self.policy(tenant_id), at)

    def intact(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return the accounts without damaged ones. One read, or one per account after damage."""
        keys = list(accounts)
        try:
            return self._store.accounts(keys) if keys else {}
        except UnavailableError as fault:
            if not fault.damaged:
                raise
        if len(keys) == 1:
            return {}
        return {key: one for name in keys for key, one in self.intact([name]).items()}

    def recently(self, tenant_id: str, labels: Labels) -> tuple[Plan, Origin]:
        """Return the plan of a check made now, and its policy's origin: it may be a copy."""
        told = self._policies.recent(tenant_id)
        labels = self.below(tenant_id, labels)
        return self._place(tenant_id, labels, policy=told.policy), told.origin

    def now(self) -> datetime:
        """Return the current instant."""
        return self._clock.now()

    def policy(self, tenant_id: str) -> Policy:
        """Return the tenant's policy, at most 30 s old."""
        return self._policies.for_tenant(tenant_id)

    def standings(self, plan: Plan) -> tuple[Standing, ...] | None:
        """Return the plan's gates after a write, or None if they cannot be read.

        The write is done, so a failed read must not look like a failed write.
        """
        try:
            return standings_of(plan.gates, self._store.accounts(plan.gated_accounts))
        except UnavailableError:
            return None

    def _place(
        self,
        tenant_id: str,
        labels: Labels,
        happened_at: datetime | None = None,
        policy: Policy | None = None,
        *,
        backfill: bool = False,
    ) -> Plan:
        """Return the plan of complete labels. Without `policy`, the tenant's policy applies."""
        policy, now = policy or self.policy(tenant_id), self._clock.now()
        at, calendar = happened_at or now, policy.calendar
        booking = in_own_month(calendar, at, backfill=True) if backfill else book(calendar, at, now)
        plan = Plan(tenant_id, labels, booking, policy, now, happened_at=happened_at)
        return self._names.completed(plan)

    def booking(self, tenant_id: str, at: datetime) -> Booking:
        """Return the booking of a cost of that instant, if it is booked now."""
        return book(self.policy(tenant_id).calendar, at, self._clock.now())

    def booked(self, tenant_id: str, labels: Labels, booking: Booking) -> Plan:
        """Return the plan of something whose booking is known already."""
        policy, now = self.policy(tenant_id), self._clock.now()
        return self._names.completed(Plan(tenant_id, labels, booking, policy, now))

    def settlement(
        self, tenant_id: str, labels: Labels, booking: Booking, spent: Spent, happened_at: datetime
    ) -> Plan:
        """The place of a cost that settles a hold: the hold asserted what its run belongs to."""
        labels = self.labelled(labels, spent)
        policy, now = self.policy(tenant_id), self._clock.now()
        plan = Plan(tenant_id, labels, booking, policy, now, happened_at=happened_at)
        plan = replace(self._names.completed(plan, strictly=True), skip_lineage_check=True)
        return self.priced(plan, spent)

    def correction(self, entry: Entry) -> Plan:
        """Return the plan of a correction: in the entry's month, if open, or the current one."""
        policy, now = self._policies.for_tenant(entry.tenant_id), self._clock.now()
        booking = correct(policy.calendar, entry.booking, entry.occurred_at, now)
        plan = Plan(entry.tenant_id, entry.labels, booking, policy, now)
        return self._names.completed(plan, strictly=True)

    def follow(self, plan: Plan, accounts: Mapping[AccountKey, Account]) -> Plan:
        """Return the plan with the accounts' lineage, terms and a later policy, if there is one.

        Returns an equal plan if nothing changed.
        """
        self._names.learn(accounts)
        if plan.outdated_by(accounts):
            plan = self.refresh(plan)
        followed = plan.following(accounts)
        if not followed.skip_lineage_check and followed.misplaced_in(accounts):
            followed = self._moved_below(followed, accounts)
        return followed if followed.labels == plan.labels else self._names.completed(followed)

    def again(self, plan: Plan) -> Plan:
        """Return the plan with the policy that is known now."""
        policy = self.policy(plan.tenant_id)
        return self.billed(
            self._names.completed(replace(plan, policy=policy, passing_gates=frozenset()))
        )

    def refresh(self, plan: Plan) -> Plan:
        """Return the plan with the policy read from the store."""
        self.forget(plan.tenant_id)
        return self.again(plan)

    def forget(self, tenant_id: str) -> None:
        """Read the tenant's policy from the store for the next plan."""
        self._policies.forget(tenant_id)

    def below(
        self, tenant_id: str, labels: Labels, parents: Mapping[AccountKey, Account] | None = None
    ) -> Labels:
        """Return the labels with the parent's workflow and ancestors. Raises ValidationError.

        An unknown parent is opened by its child: in the child's workflow, without a parent.
        """
        parent_id = labels.parent_execution_id
        if parent_id is None or labels.agent_execution_id is None:
            return labels
        parent = execution_key(tenant_id, parent_id)
        above = _above(labels, (parents or self._store.accounts([parent]))[parent])
        ancestors = (parent_id, *above.ancestors)
        if labels.agent_execution_id in ancestors:
            raise bad_parent(f"execution {labels.agent_execution_id} would be its own ancestor")
        if len(ancestors) > MAX_ANCESTORS:
            raise bad_parent(f"an execution has at most {MAX_ANCESTORS} ancestors")
        workflow = labels.workflow_execution_id or above.workflow_execution_id
        if workflow != above.workflow_execution_id:
            raise bad_parent(f"execution {parent_id} is not part of workflow {workflow}")
        return replace(labels, workflow_execution_id=workflow, ancestors=ancestors)

    def _seat(
        self, tenant_id: str, labels: Labels, parents: Mapping[AccountKey, Account] | None
    ) -> "_Seat":
        """Return the stored place of a cost with these labels."""
        parent_id, own = labels.parent_execution_id, labels.agent_execution_id
        if parent_id is None or own is None:
            return _Seat(labels)
        refuse_own_parent(labels)
        parent = execution_key(tenant_id, parent_id)
        known = parents if parents and parent in parents else self.intact([parent])
        try:
            above = _above(labels, known[parent]) if parent in known else None
        except UnavailableError:
            above = None
        if above is None:
            return self._seat_below_damage(tenant_id, labels)
        line = (parent_id, *above.ancestors)
        if own in line:  # a cycle: the lineage of this run's own row applies
            line = ()
        placed = replace(
            labels,
            workflow_execution_id=above.workflow_execution_id,
            parent_execution_id=line[0] if line else None,
            ancestors=line[:MAX_ANCESTORS],
        )
        return _Seat(placed, cut=len(line) > MAX_ANCESTORS)

    def _seat_below_damage(self, tenant_id: str, labels: Labels) -> "_Seat":
        """Return the place below a damaged parent: by the run's own row if that can be read."""
        own = execution_key(tenant_id, labels.agent_execution_id or "")
        found = self.intact([own]).get(own)
        kept = found.lineage if found else None
        alone = replace(labels, ancestors=(labels.parent_execution_id or "",))
        try:
            return _Seat(labels.within(kept) if kept else alone, skip_lineage_check=True)
        except UnavailableError:
            return _Seat(alone, skip_lineage_check=True)

    def _moved_below(self, plan: Plan, accounts: Mapping[AccountKey, Account]) -> Plan:
        """Return the plan below a parent that another request opened with another lineage."""
        if plan.said is None:
            return replace(plan, labels=self.below(plan.tenant_id, plan.labels, accounts))
        seat = self._seat(plan.tenant_id, plan.labels, accounts)
        lost = seat.skip_lineage_check or seat.labels == plan.labels  # an ancestor's row is damaged
        return replace(plan, labels=seat.labels, cut=plan.cut or seat.cut, skip_lineage_check=lost)


@dataclass(frozen=True, slots=True)
class _Seat:
    """Place of a cost: its labels; `cut` and `skip_lineage_check` are as in `Plan`."""

    labels: Labels
    cut: bool = False
    skip_lineage_check: bool = False


def _above(labels: Labels, parent: Account) -> Labels:
    """Return the parent's workflow and ancestors. Raises UnavailableError if they are damaged."""
    opened = Labels(workflow_execution_id=labels.workflow_execution_id)
    return opened if parent.lineage is None else opened.within(parent.lineage)
