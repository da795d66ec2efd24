"""What an end-to-end test holds of the deployed stack."""

from __future__ import annotations

from dataclasses import dataclass

from local.api import Api
from local.stack.deploy import Aws, Stack
from tests.support.thorough import size

CLIENTS = size(6, 16)
"""Callers at the same instant. The emulator starts a process for each one that finds none free."""


@dataclass(frozen=True)
class Deployed:
    """A running stack, its API, and clients for the rest of the account."""

    stack: Stack
    api: Api
    aws: Aws
