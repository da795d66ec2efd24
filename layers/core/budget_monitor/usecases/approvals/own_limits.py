"""Raise the limit of a single run: the run gets a limit of its own."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import WORKFLOW, Account, WorkflowTerms
from budget_monitor.domain.approvals.outcomes import Outcome
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.money import CEILING
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.workflows import workflow_document
from budget_monitor.ports import Accounts
from budget_monitor.usecases.accounting.postings import changing_terms
from budget_monitor.usecases.approvals.awaited import denial_of
from budget_monitor.usecases.approvals.stored import written
from budget_monitor.usecases.authority import Who, refuse_owner
from budget_monitor.usecases.rules.rulebook import RulesSnapshot
from budget_monitor.usecases.workflows.change import change_of, change_transaction
from budget_monitor.usecases.workflows.pause import Pausing

_APPROVE, _DENY = "approve", "deny"


class OwnLimits:
    """Builds the transactions that approve a request for a single run."""

    def __init__(self, store: Accounts, pausing: Pausing) -> None:
        self._store = store
        self._pausing = pausing

    def raised(
        self, found: RaiseRequest, outcome: Outcome, who: Who, ruling: RulesSnapshot
    ) -> Transaction:
        """Return the transaction: the run's new limit, the closed request, the resumed workflow.

        It is refused if the request was changed meanwhile. Raises NotFoundError, ConflictError,
        ForbiddenError and ValidationError.
        """
        refuse_owner(who, ruling.rules.owners, found.tenant_id)
        run = found.target.run(found.tenant_id)
        account = self._store.accounts([run])[run]
        limit = _limit_of(found, account, ruling) + (outcome.amount or Decimal(0))
        if limit >= CEILING:
            raise ValidationError(
                "amount_usd would make a limit of 1000000000000 USD", "amount_usd"
            )
        ended = found.ended(replace(outcome, own_limit=limit))
        of_workflow = run.scope == WORKFLOW
        changed = resumed(self._pausing, ended, who, ruling.at, limit if of_workflow else None)
        if not of_workflow:
            terms = changing_terms(run, account.terms, WorkflowTerms(limit=limit), ruling.at)
            changed = replace(changed, postings={**changed.postings, **terms})
        return replace(changed, further_changes=(written(ended, _APPROVE),))


def resumed(
    pausing: Pausing, ended: RaiseRequest, who: Who, at: datetime, limit: Decimal | None = None
) -> Transaction:
    """Return the transaction that resumes the run's workflow if it waits for this approval.

    `limit`: the workflow's own limit from now on, in USD. If nothing changes, the transaction only
    is conditional on no new waiting state machine.
    """
    flow = ended.labels.workflow_execution_id
    if flow is None:
        return Transaction()
    run = pausing.state(ended.tenant_id, flow)
    after = run.limited(limit) if limit is not None else run
    if run.waits_for_money(ended.target.budget_id):
        after = run.resume(who.by, who.reason, at, limit, who.principal)
    name = workflow_document(ended.tenant_id, flow)
    if after == run:
        return Transaction(counts_on={name: run.version})
    return change_transaction(name, run, after, change_of(_APPROVE, run, after, who, at))


def denied(pausing: Pausing, ended: RaiseRequest, who: Who, at: datetime) -> Transaction:
    """Return the transaction that ends the waits for a request that was denied.

    If nobody waits for it, the transaction only has the condition that nobody began to meanwhile.
    """
    flow, denial = ended.labels.workflow_execution_id, denial_of(ended)
    if flow is None or denial is None:
        return Transaction()
    run, name = pausing.state(ended.tenant_id, flow), workflow_document(ended.tenant_id, flow)
    after = run.deny(denial, at, who.principal)
    if after == run:
        return Transaction(counts_on={name: run.version})
    return change_transaction(name, run, after, change_of(_DENY, run, after, who, at))


def _limit_of(found: RaiseRequest, account: Account, ruling: RulesSnapshot) -> Decimal:
    """Return the run's present limit in USD."""
    target, labels = found.target, found.labels
    said = labels.workflow if target.scope == WORKFLOW else labels.run_agent or labels.agent
    gates = ruling.policy.run_gates(account.key, account.name or said, ruling.at)
    here = [gate.under(account.terms) for gate in gates if gate.account == account.key]
    limit = next((g.budget.limit for g in here if g.budget.budget_id == target.budget_id), None)
    if all(gate.budget.budget_id != target.budget_id for gate in here):
        raise NotFoundError(f"budget {target.budget_id} does not limit this run any more")
    if limit is None:
        raise ConflictError(f"{target.budget_id} has no limit in USD that could be raised")
    return limit
