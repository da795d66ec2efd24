"""Callbacks to Step Functions: resumed, gone, or unavailable."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.adapters.aws.step_functions import ATTEMPTS, StepFunctions
from budget_monitor.domain.errors import UnavailableError
from tests.support.dynamodb.faults import answer_lost, refused
from tests.support.environment import REGION
from tests.support.workflows.machines import Machines, out_of_reach


def test_a_token_gets_what_it_waited_for(machines: Machines, clean_environment: None) -> None:
    assert StepFunctions(REGION).resume("token", '{"state": "active"}') is True
    assert machines.woken == {"token": {"state": "active"}}
    assert StepFunctions(REGION).resume("token", "{}") is False


@pytest.mark.parametrize(
    "fate", [out_of_reach, refused("AccessDeniedException"), refused("Oops", 500)]
)
def test_a_token_that_cannot_be_called_back_now_is_not_gone(
    machines: Machines, clean_environment: None, fate: Any
) -> None:
    machines.fate = fate

    with pytest.raises(UnavailableError):
        StepFunctions(REGION).resume("token", "{}")
    assert machines.told == {}


def test_a_telling_whose_answer_is_lost_is_asked_for_once_more_and_no_more(
    machines: Machines, clean_environment: None
) -> None:
    machines.fate = answer_lost

    with pytest.raises(UnavailableError):
        StepFunctions(REGION).resume("token", "{}")
    assert machines.told == {"token": ATTEMPTS}
    assert machines.names == ["token"]
