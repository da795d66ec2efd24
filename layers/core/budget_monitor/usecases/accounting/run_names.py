"""The names by which budgets know a request: of its runs and of its model."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import Account, AccountKey, execution_key
from budget_monitor.usecases.accounting.plan import Plan

REMEMBERED = 10_000
"""Maximum of runs whose first name a process remembers. A first name never changes."""

Read = Callable[[Iterable[AccountKey]], Mapping[AccountKey, Account]]


class RunNames:
    """Completes plans by the names that budgets ask for.

    A request that says its names costs no read: its write asserts them. Rows are read where a
    budget asks for a name that the request leaves out, and for the runs above it.
    """

    def __init__(self, read: Read) -> None:
        """`read`: returns the accounts, without those that cannot be read."""
        self._read = read
        self._first = OrderedDict[AccountKey, str]()

    def completed(self, plan: Plan, *, strictly: bool = False) -> Plan:
        """The plan with its names; it asserts no lineage where a row that it needs is damaged.

        `strictly`: its write asserts no name, so the rows of its own runs are read, unless an
        earlier write asserted theirs.
        """
        policy = plan.policy
        if policy.names_models:
            plan = listed(plan)
        if not (policy.names_agents or policy.names_workflows):
            return replace(plan, run_names={}) if plan.run_names else plan
        unknown = [run for run in plan.named_runs if run not in self._first]
        asked = [
            run
            for run in unknown
            if not plan.is_named(run) and (strictly or plan.name_of(run) is None)
        ]
        above = [execution_key(plan.tenant_id, one) for one in plan.labels.ancestors]
        asked += above if policy.names_runs else []
        found = self._read(asked) if asked else {}
        self.learn(found)
        named = {run: self._first.get(run) or plan.name_of(run) for run in plan.named_runs}
        known = {run: name for run, name in named.items() if name}
        names = {run: one.name for run, one in found.items() if one.name and run in above}
        return replace(
            plan.naming(known),
            run_names=names,
            skip_lineage_check=plan.skip_lineage_check or len(found) < len(set(asked)),
        )

    def learn(self, accounts: Mapping[AccountKey, Account]) -> None:
        """Remember the names stored in these rows."""
        for run, account in accounts.items():
            if account.name:
                self._first[run] = account.name
                if len(self._first) > REMEMBERED:
                    self._first.popitem(last=False)


def listed(plan: Plan) -> Plan:
    """Return the plan with the price list's names of its model and provider."""
    labels = plan.labels
    if labels.model_resolved or labels.provider_resolved or not (labels.model or labels.provider):
        return plan
    found = plan.policy.matcher.resolved(labels)
    labels = replace(labels, model_resolved=found.model, provider_resolved=found.provider)
    return replace(plan, labels=labels)
