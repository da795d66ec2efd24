"""Where policies come from."""

from dataclasses import replace

from budget_monitor.config import Config
from budget_monitor.domain.policy import Policy, default_policy


class DefaultPolicies:
    """The four default gates for every tenant, with the limits that the template gives."""

    def __init__(self, config: Config) -> None:
        policy = default_policy(
            config.execution_limit,
            config.workflow_limit,
            config.tenant_month_limit,
            config.system_month_limit,
        )
        self._policy = replace(policy, most_holds=config.most_holds)

    def for_tenant(self, tenant_id: str) -> Policy:  # noqa: ARG002 - the same for all of them
        """All that applies to this tenant now."""
        return self._policy
