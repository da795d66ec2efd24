"""Callbacks to Lambda durable functions: completed, gone, or unavailable."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.adapters.aws.durable_functions import Callbacks
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.workflows import callback_token
from tests.support.dynamodb.faults import refused
from tests.support.environment import REGION
from tests.support.workflows.machines import Machines, out_of_reach

CALLBACK = callback_token("durable+1/2==")


def test_a_callback_is_completed_once_with_its_output(
    machines: Machines, clean_environment: None
) -> None:
    assert Callbacks(REGION).resume(CALLBACK, '{"state": "active"}') is True
    assert machines.woken == {"durable+1/2==": {"state": "active"}}
    assert Callbacks(REGION).resume(CALLBACK, "{}") is False


def test_a_token_of_step_functions_goes_to_step_functions(
    machines: Machines, clean_environment: None
) -> None:
    assert Callbacks(REGION).resume("token", "{}") is True
    assert machines.names == ["token"]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidParameterValueException"])
def test_a_callback_that_never_was_is_gone(
    machines: Machines, clean_environment: None, code: str
) -> None:
    machines.gone["durable+1/2=="] = code
    assert Callbacks(REGION).resume(CALLBACK, "{}") is False


@pytest.mark.parametrize(
    "fate", [out_of_reach, refused("AccessDeniedException"), refused("Oops", 500)]
)
def test_a_callback_that_cannot_be_completed_now_is_not_gone(
    machines: Machines, clean_environment: None, fate: Any
) -> None:
    machines.fate = fate
    with pytest.raises(UnavailableError):
        Callbacks(REGION).resume(CALLBACK, "{}")
