"""`make backfill FILE=costs.csv TENANT=acme BY=maria REASON="..." [STACK=name]`.

Exit codes: 0 all rows are booked; 1 some rows were refused, and are listed; 2 the file or a
parameter is wrong, and nothing was sent; 3 stopped: run the same command again to go on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from local.__main__ import counting
from local.backfill.importing import Done, Import, Invoke, Journal, StoppedError
from local.backfill.rows import FileError, Row, read_rows
from local.settings import STATE
from local.stack.deploy import Aws, find
from local.stack.emulator import Emulator

REFUSED, WRONG, STOPPED = 1, 2, 3
MAX_SHOWN = 20
console = Console(highlight=False)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", required=True, help="The tenant that spent.")
@click.option("--by", required=True, help="Who imports.")
@click.option("--reason", required=True, help="Why.")
@click.option("--stack", default=None, help="A stack of your AWS account; else the local one.")
def main(file: Path, tenant: str, by: str, reason: str, stack: str | None) -> None:
    """Import costs of months before a tenant's first statement, from CSV or JSON Lines."""
    try:
        rows = list(read_rows(file, tenant))
    except FileError as error:
        _stop(str(error), WRONG)
    try:
        work = Import(_invoker(stack), tenant, by, reason)
        done = _run(work, rows, Journal(file, tenant))
    except (StoppedError, BotoCoreError, ClientError) as error:
        _stop(f"{error}\nRun the same command again to go on.", STOPPED)
    _report(done)
    sys.exit(REFUSED if done.refused else 0)


def _run(work: Import, rows: list[Row], journal: Journal) -> Done:
    with counting("import costs", len(rows)) as advance:
        done = work.run(rows, journal, advance)
    journal.finish()
    return done


def _report(done: Done) -> None:
    console.print(f"booked {done.booked:,}, booked before {done.known:,}, refused ", end="")
    console.print(f"{len(done.refused):,}")
    for line, why in done.refused[:MAX_SHOWN]:
        console.print(f"  line {line}: {why}", markup=False)
    if len(done.refused) > MAX_SHOWN:
        console.print(f"  and {len(done.refused) - MAX_SHOWN:,} more")


def _stop(message: str, code: int) -> None:
    console.print(message, markup=False)
    sys.exit(code)


def _invoker(stack: str | None) -> Invoke:
    """Return what invokes the tracking function: of a stack on AWS, or of the local one."""
    if stack is not None:
        outputs = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        named = {one["OutputKey"]: one["OutputValue"] for one in outputs["Outputs"]}
        return _invoke(boto3.client("lambda"), named["TrackingFunctionArn"])
    found = find(Emulator(STATE).endpoint)
    if found is None:
        raise StoppedError("no local stack runs: `make up` starts one; STACK=name names yours")
    return _invoke(Aws(found.endpoint)["lambda"], found.outputs["TrackingFunctionArn"])


def _invoke(client: Any, arn: str) -> Invoke:  # noqa: ANN401 - boto3 makes its classes
    def invoke(event: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
        done = client.invoke(FunctionName=arn, Payload=json.dumps(event))
        answer = json.loads(done["Payload"].read())
        error = answer.get("errorMessage", "") if done.get("FunctionError") else None
        return error, answer

    return invoke


if __name__ == "__main__":
    main()
