"""Plan of a request: complete labels, booking period and gates."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from budget_monitor.domain.accounting.accounts import (
    BUDGET,
    DEFAULT_TERMS,
    EXECUTION,
    SYSTEM,
    Account,
    AccountKey,
    WorkflowTerms,
    execution_key,
    late_key,
    own_limits,
    system_key,
    tenant_key,
    touched,
    workflow_key,
)
from budget_monitor.domain.accounting.breakdowns import with_names
from budget_monitor.domain.accounting.labels import MAX_ANCESTORS, Labels
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.rules.gates import Gate, GateId
from budget_monitor.domain.rules.policy import Names, Policy
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.values import dataclass
from budget_monitor.domain.workflows import workflow_document
from budget_monitor.usecases.accounting.lineage import contradicts, inherited
from budget_monitor.usecases.prices.spent import Bill, Spent


@dataclass(frozen=True)
class Plan:
    """Plan of a request: tenant, complete labels, booking, policy and bill."""

    tenant_id: str
    labels: Labels
    booking: Booking
    policy: Policy
    at: datetime
    """Creation time of the plan. The whole request uses this instant as now."""
    run_names: Names = field(default_factory=dict)
    """Stored names of runs that the request does not name; read only if a budget needs them."""
    terms: WorkflowTerms = DEFAULT_TERMS
    """Pause and limit of the workflow, as far as they are known."""
    own_limits: Mapping[AccountKey, WorkflowTerms] = field(default_factory=dict)
    """Executions with a limit of their own, as far as they are known."""
    passing_gates: frozenset[GateId] = frozenset()
    """Gates that let this request pass although it does not fit."""
    beginnings: Mapping[AccountKey, tuple[AccountKey, ...]] = field(default_factory=dict)
    """Runs that begin with this request, each with the `block_new` accounts at their limit."""
    skip_lineage_check: bool = False
    """Skip the lineage condition on the runs' rows: the hold already asserted it, or a row is
    damaged. No new holds."""
    said: Labels | None = None
    """Labels of a past cost as the caller sent them. Contradictions do not refuse such a cost."""
    cut: bool = False
    """True if the run has more ancestors than it is booked under."""
    spent: Spent | None = None
    """Cost or usage that the request reports; None: it gets no bill."""
    happened_at: datetime | None = None
    """Time of the cost; None: now."""
    bill: Bill | None = None
    """The cost by the prices of this plan's policy."""
    wrap_up: bool = False
    """True if the request may use the share that budgets keep for wrapping up."""

    @property
    def occurred_at(self) -> datetime:
        """Time of the cost."""
        return self.happened_at or self.at

    @property
    def priced(self) -> tuple[Spent, Bill]:
        """The reported cost and the bill. Raises ValueError if the plan has none."""
        if self.spent is None or self.bill is None:
            raise ValueError("the plan was made without a cost")
        return self.spent, self.bill

    @cached_property
    def gates(self) -> tuple[Gate, ...]:
        """Gates of the request, narrowest first, under the runs' own limits."""
        where = (self.tenant_id, self.labels, self.booking, self.at)
        gates = self.policy.gates(*where, self.run_names)
        known = {**self.own_limits, **({self.workflow: self.terms} if self.workflow else {})}
        own = (one.under(known[one.account]) if one.account in known else one for one in gates)
        return tuple(one.asked_by(self.labels.model, wrap_up=self.wrap_up) for one in own)

    @property
    def matched(self) -> tuple[str, ...]:
        """Ids of the budgets that apply to the request, the narrowest first."""
        return tuple(dict.fromkeys(gate.budget.budget_id for gate in self.gates))

    @cached_property
    def gated_accounts(self) -> tuple[AccountKey, ...]:
        """Accounts of the gates, each once."""
        return tuple(dict.fromkeys(gate.account for gate in self.gates))

    def with_cost(self, spent: Spent | None, bill: Bill | None) -> "Plan":
        """Return the plan with this cost and bill. Neither of them changes the gates."""
        plan = replace(self, spent=spent, bill=bill)
        plan.__dict__ |= {k: v for k, v in vars(self).items() if k in {"gates", "gated_accounts"}}
        return plan

    @cached_property
    def limits(self) -> Mapping[AccountKey, Decimal | None]:
        """Lowest limit on `committed` of each gated account, in USD; None: no limit."""
        return self.policy.limits(self.gates)

    @property
    def ceilings(self) -> Mapping[AccountKey, Decimal | None]:
        """Limits of the accounts where a gate lets this request have more than others."""
        gates = self.gates
        roomier = {one.account for one in gates if one.usable_limit != one.budget.open_limit}
        roomier |= {account for account, _ in self.passing_gates}
        if not roomier:
            return {}
        others = self.policy.limits(gates, self.passing_gates, lambda one: one.usable_limit)
        return {account: limit for account, limit in others.items() if account in roomier}

    def follows(self, account: AccountKey, limits: Mapping[AccountKey, Decimal | None]) -> bool:
        """True if the limit is unknown or does not apply: a replaced budget, a backfill."""
        unknown = self.policy.damaged or self.policy.doubtful or self.booking.backfill
        return unknown or (account.scope == BUDGET and account not in limits)

    @property
    def watched(self) -> set[AccountKey]:
        """Accounts with alert thresholds."""
        return {gate.account for gate in self.gates if gate.budget.warns}

    @property
    def late(self) -> AccountKey:
        """Account of the month's late bookings: the tenant's costs of months that were closed."""
        return late_key(self.tenant_id, self.booking.month)

    @property
    def refusal_accounts(self) -> tuple[AccountKey, ...]:
        """Accounts that explain a refusal: the gated ones and the month's late bookings."""
        return (*self.gated_accounts, self.late)

    @property
    def moved(self) -> tuple[AccountKey, ...]:
        """All accounts that a cost of this plan moves, each once."""
        own = touched(self.tenant_id, self.labels, self.booking)
        needed = tuple(dict.fromkeys((*own, *self.gated_accounts)))
        return with_names(needed, self.tenant_id, self.labels, self.booking.month)

    @cached_property
    def workflow(self) -> AccountKey | None:
        """Account of the workflow, or None."""
        name = self.labels.workflow_execution_id
        return workflow_key(self.tenant_id, name) if name else None

    @property
    def workflow_document(self) -> DocumentKey | None:
        """Key of the document with people's decisions about the workflow, or None."""
        name = self.labels.workflow_execution_id
        return workflow_document(self.tenant_id, name) if name else None

    @property
    def rules(self) -> Mapping[DocumentKey, int]:
        """Documents that the policy was made from, with their versions."""
        versions = {SYSTEM: self.policy.system_version, self.tenant_id: self.policy.version}
        return {rules_key(owner): version for owner, version in versions.items()}

    @property
    def stopped(self) -> bool:
        """True if a person stopped the tenant or the workflow, or if this cannot be known."""
        policy = self.policy
        unknown = policy.damaged or policy.doubtful or self.skip_lineage_check
        return bool(policy.suspended or self.terms.pause or unknown)

    @cached_property
    def execution(self) -> AccountKey | None:
        """Account of the agent execution that spends, or None."""
        name = self.labels.agent_execution_id
        return execution_key(self.tenant_id, name) if name else None

    @property
    def relabelled(self) -> bool:
        """True if the stored lineage places a past cost elsewhere than the caller's labels."""
        return self.said is not None and (self.cut or contradicts(self.said, self.labels))

    @property
    def runs(self) -> tuple[AccountKey, ...]:
        """Accounts of the execution, its ancestors and the workflow."""
        return (*self.lineages, *([self.workflow] if self.workflow else []))

    @property
    def lineages(self) -> Mapping[AccountKey, str]:
        """Lineage of the execution and of each ancestor, by account.

        With the maximum of ancestors, the line may have been cut. The ancestors' lineages are then
        unknown and left out; their rows exist already.
        """
        own, above = self.labels.agent_execution_id, self.labels.ancestors
        names = (own, *(above if len(above) < MAX_ANCESTORS else ())) if own else ()
        return {execution_key(self.tenant_id, n): self.labels.lineage_of(n) for n in names}

    def lineage_of(self, account: AccountKey) -> str | None:
        """Return the lineage that a write to this account asserts; None: no condition."""
        if account.scope != EXECUTION or self.skip_lineage_check:
            return None
        is_own = account.scope_id == self.labels.agent_execution_id
        known = is_own or len(self.labels.ancestors) < MAX_ANCESTORS
        return self.labels.lineage_of(account.scope_id) if known else None

    def name_of(self, account: AccountKey) -> str | None:
        """What a write to this account calls the run: by its first name, as far as is known."""
        labels = self.labels
        if account == self.execution:
            return labels.run_agent or labels.agent
        return (labels.run_workflow or labels.workflow) if account == self.workflow else None

    @property
    def named_runs(self) -> tuple[AccountKey, ...]:
        """The request's own runs for whose names there are budgets."""
        execution = self.execution if self.policy.names_agents else None
        workflow = self.workflow if self.policy.names_workflows else None
        return tuple(run for run in (execution, workflow) if run)

    def asserts_name(self, account: AccountKey) -> bool:
        """True if a write to this account is refused when the run has another first name."""
        return not self.skip_lineage_check and account in self.named_runs

    def is_named(self, run: AccountKey) -> bool:
        """True if a write asserted the first name of its own run, or will."""
        labels = self.labels
        return (labels.run_agent if run == self.execution else labels.run_workflow) is not None

    def naming(self, first: Mapping[AccountKey, str]) -> "Plan":
        """Return the plan with the first names of its own runs."""
        labels = self.labels
        for run, name in first.items():
            if run == self.execution:
                labels = replace(labels, run_agent=name)
            elif run == self.workflow:
                labels = replace(labels, run_workflow=name)
        return self if labels == self.labels else replace(self, labels=labels)

    def version_of(self, account: AccountKey) -> int | None:
        """Return the policy version that a write to this account asserts; None: no condition."""
        if self.policy.damaged or self.policy.doubtful:
            return None
        if account == self.tenant_month:
            return self.policy.version
        is_system = account == system_key(self.booking.month)
        return self.policy.system_version if is_system else None

    def outdated_by(self, accounts: Mapping[AccountKey, Account]) -> bool:
        """True if an account was decided by a later policy than this plan's."""
        months = (self.tenant_month, system_key(self.booking.month))
        used = [(month, self.version_of(month)) for month in months if month in accounts]
        return any(one is not None and accounts[m].policy_version > one for m, one in used)

    def following(self, accounts: Mapping[AccountKey, Account]) -> "Plan":
        """Return the plan with the lineage, terms and first names of the runs' rows.

        Raises ConflictError where a request that is no cost says another workflow or parent.
        """
        workflow = accounts.get(self.workflow) if self.workflow else None
        changed = workflow and workflow.terms != self.terms
        plan = replace(self, terms=workflow.terms) if workflow and changed else self
        raised = own_limits(accounts)
        plan = replace(plan, own_limits={**plan.own_limits, **raised}) if raised else plan
        named = ((run, accounts[run].name) for run in self.named_runs if run in accounts)
        plan = plan.naming({run: name for run, name in named if name})
        own = accounts.get(self.execution) if self.execution else None
        if own is None or (kept := own.lineage) in {None, self.labels.lineage}:
            return plan
        inherit = inherited if self.said is None else Labels.within
        try:
            return replace(plan, labels=inherit(plan.labels, kept))
        except UnavailableError:
            return replace(plan, skip_lineage_check=True)

    def misplaced_in(self, accounts: Mapping[AccountKey, Account]) -> bool:
        """True if another request opened an ancestor meanwhile, with another lineage than here."""
        above = {run: lineage for run, lineage in self.lineages.items() if run != self.execution}
        kept = {run: accounts[run].lineage for run in above if run in accounts}
        return any(there not in {None, above[run]} for run, there in kept.items())

    @cached_property
    def tenant_month(self) -> AccountKey:
        """Account of the tenant's month."""
        return tenant_key(self.tenant_id, self.booking.month)

    def status_in(self, standings: tuple[Standing, ...] | None) -> Standing | None:
        """Return the standing of the tenant's month; None if the standings are unknown."""
        month = self.tenant_month
        return next((one for one in standings or () if one.gate.account == month), None)
