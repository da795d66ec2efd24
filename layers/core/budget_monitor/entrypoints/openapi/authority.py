"""Who may approve requests for more limit."""

from budget_monitor.domain.approvals.authority import APPROVE, DENY
from budget_monitor.domain.errors import ConflictError, ForbiddenError
from budget_monitor.entrypoints.budgeting.authority import (
    MAX_APPROVERS,
    MAX_NAMES,
    MAX_SECONDS,
    MIN_SECONDS,
)
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import inside, must, optional, read
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    SIGNER,
    TEXT,
    USD,
    Schema,
    list_of,
    nullable,
    ref,
    shape,
    words,
)

_APPROVER: dict[str, object] = {
    **shape(
        {
            "signer": {**TEXT, "description": "Only for an approver by signer."},
            "by": {**TEXT, "description": "Only for an approver by name."},
            "link": {**FLAG, "description": "Only for users of signed links."},
            "up_to_usd": nullable(USD),
        }
    ),
    "required": ["up_to_usd"],
}
_AFTER = ("count", "after_seconds", "After so many seconds without an answer.")

SCHEMAS: dict[str, Schema] = {
    "Authority": shape(
        {
            "tenant_id": nullable(TEXT),
            "approvers": list_of(_APPROVER),
            "four_eyes_above_usd": nullable(USD),
            "escalation": nullable(shape({"after_seconds": COUNT, "to": list_of(TEXT)})),
            "time_out": nullable(
                shape(
                    {
                        "after_seconds": COUNT,
                        "decision": words((APPROVE, DENY)),
                        "up_to_usd": nullable(USD),
                    }
                )
            ),
            "source": words(("tenant", "system", "default")),
            "warnings": list_of(TEXT),
            "version": COUNT,
            "replayed": FLAG,
        },
        {"principal": SIGNER},  # of a change
    )
}
_FIELDS = (
    inside(
        optional(
            read(
                "each",
                "approvers",
                "Who may answer requests; unless given, everyone who may call `approve`.",
                MAX_APPROVERS,
            )
        ),
        read(
            "optional_text",
            "signer",
            "An IAM ARN or a JWT subject; `*` stands for any characters. The ARN of a role is for "
            "all of its sessions.",
        ),
        read("name", "by", "The name of a person, for callers without a signer."),
        read("truth", "link", "True for users of signed links."),
        read("optional_amount", "up_to_usd", "The most that they may approve; null: any amount."),
    ),
    read(
        "optional_amount",
        "four_eyes_above_usd",
        "Approvals of more need two different approvers; the second completes them.",
    ),
    inside(
        read("inner", "escalation", "When an open request is sent to further people."),
        must(read(*_AFTER, MIN_SECONDS, MAX_SECONDS)),
        must(read("tags", "to", "Their names or addresses, as the alert shows them.", MAX_NAMES)),
    ),
    inside(
        read("inner", "time_out", "What is decided if no one answers in time."),
        must(read(*_AFTER, MIN_SECONDS, MAX_SECONDS)),
        must(read("choice", "decision", "Approve or deny.", (APPROVE, DENY))),
        read("optional_amount", "up_to_usd", "For approve: by at most so much."),
    ),
    shared.EXPECTED_VERSION,
    *shared.BY_REASON,
    shared.KEY,
)
_WHY = {"by": "maria", "reason": "The quarter's forecast"}
_ANSWER = ref("Authority")
_LEADS = {"signer": "arn:aws:iam::123456789012:role/TeamLead", "up_to_usd": "100"}
_HEADS = {"signer": "arn:aws:iam::123456789012:role/Head*"}
_RULES = {
    "approvers": [_LEADS, _HEADS, {"link": True, "up_to_usd": "20"}],
    "four_eyes_above_usd": "500",
    "escalation": {"after_seconds": 3600, "to": ["finops@example.com"]},
    "time_out": {"after_seconds": 86400, "decision": "approve", "up_to_usd": "5"},
}

DECLARED: dict[str, Declared] = {
    "get_authority": Declared(
        fields=(shared.TENANT,),
        answer=_ANSWER,
        example=Example({"tenant_id": "acme"}, after=("set_authority",)),
    ),
    "set_authority": Declared(
        fields=(shared.TENANT, *_FIELDS),
        answer=_ANSWER,
        errors=(ConflictError, ForbiddenError),
        example=Example({"tenant_id": "acme", **_RULES, **_WHY}),
    ),
}
DECLARED["get_system_authority"] = of_system(DECLARED["get_authority"], Example())
DECLARED["set_system_authority"] = of_system(DECLARED["set_authority"], Example({**_RULES, **_WHY}))
