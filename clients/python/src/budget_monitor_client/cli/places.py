"""Where Budget Monitor is: an address, a stack, functions in the environment, or this machine."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budget_monitor_client.cli.exits import CommandError, Exit
from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.sending import Transport
from budget_monitor_client.transports.tokens import Token

FUNCTIONS = ("checking", "tracking", "reporting", "budgeting", "alerting", "resetting", "expiring")
LOCAL_STACK = "budget-monitor"
_LOCK = Path(".local") / "emulator.lock"
_LOCAL = {
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "region_name": "us-east-1",
}
"""The emulator's own well-known key: it opens nothing but a process on this machine."""
NOWHERE = (
    "Give --url, or --stack, or set BUDGET_MONITOR_URL or BUDGET_MONITOR_STACK; or start the local "
    "stack with `make up` and run the command in its folder."
)


@dataclass(frozen=True)
class Place:
    """The address of Budget Monitor, from options and environment."""

    url: str | None = None
    token: Token | None = None
    stack: str | None = None
    region: str | None = None
    journal: Path | None = None
    """A folder for what cannot be delivered at once."""

    def connect(self) -> BudgetMonitor:
        """Return a client. Raises CommandError if nothing says where, or nothing is there."""
        if self.url:
            return self._client(_of_url(self.url, self.token, self.region))
        if self.stack:
            return self._client(_of_stack(self.stack, {"region_name": self.region}, None))
        if any(f"{name.upper()}_FUNCTION_ARN" in os.environ for name in FUNCTIONS):
            return BudgetMonitor.direct(journal=self.journal)
        endpoint = local_endpoint(Path.cwd())
        if endpoint is None:
            raise CommandError("no Budget Monitor was named", hint=NOWHERE)
        return self._client(_of_stack(LOCAL_STACK, _LOCAL, endpoint))

    def _client(self, transport: Transport) -> BudgetMonitor:
        return BudgetMonitor(transport, journal=self.journal)


def _of_url(url: str, token: Token | None, region: str | None) -> Transport:
    from budget_monitor_client.transports.http import HttpTransport  # noqa: PLC0415 - loads urllib3

    try:
        return HttpTransport(url, token=token, region=region)
    except (ValueError, ImportError) as error:
        hint = "Give --token, or AWS credentials and --region."
        raise CommandError(str(error), hint=hint) from error


def local_endpoint(folder: Path) -> str | None:
    """Return the address of the local stack that runs from this folder or one above it.

    A living emulator holds a lock on its file, in which its port is.
    """
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError, ValueError, KeyError, ImportError):
            import fcntl  # noqa: PLC0415 - only POSIX has it

            with (place / _LOCK).open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return f"http://127.0.0.1:{int(json.loads(lock.read())['port'])}"
    return None


def _of_stack(name: str, session: Mapping[str, Any], endpoint: str | None) -> Transport:
    """A transport that invokes the functions that the stack's outputs name."""
    try:
        import boto3  # noqa: PLC0415 - loaded only where a stack is asked
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        hint = "pip install 'budget-monitor[aws]', or give --url and --token."
        raise CommandError("a stack is found with boto3", hint=hint) from error
    from budget_monitor_client.transports.direct import LambdaTransport  # noqa: PLC0415

    aws: Any = boto3.Session(**session)
    proxies: dict[str, str] | None = {} if endpoint else None
    once = Config(retries={"total_max_attempts": 1}, read_timeout=905, proxies=proxies)
    try:
        found = aws.client("cloudformation", endpoint_url=endpoint, config=once)
        described = found.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])
        client = aws.client("lambda", endpoint_url=endpoint, config=once)
    except ClientError as error:
        hint = "Check the name, the region and the AWS credentials."
        raise CommandError(f"the stack {name} is not found: {error}", hint=hint) from error
    except BotoCoreError as error:
        hint = "Set the AWS credentials and --region, then repeat it."
        raise CommandError(
            f"the stack {name} cannot be asked: {error}", Exit.UNAVAILABLE, hint
        ) from error
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described}
    arns = {name: outputs.get(f"{name.title()}FunctionArn", "") for name in FUNCTIONS}
    return LambdaTransport(arns, client=client)
