"""Deploy the real template into the emulator: `deploy(template, endpoint)` gives a Stack.

The raw SAM template goes through CloudFormation with its layers, roles, tables and schedules. Only
what the emulator leaves out is added afterwards (see `routes.py`).
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.settings import ACCOUNT, REGION, STATE, client_config, session
from local.stack import build, routes, template

BUCKET = "budget-monitor-deployments"
DEPLOY_SECONDS = 180.0
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
DEAD = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}


class DeployError(Exception):
    """The stack did not come up; the message carries CloudFormation's own reasons."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack: `changed` says whether this deployment had anything to do."""

    name: str
    endpoint: str
    api_id: str
    api_url: str
    physical_ids: dict[str, str]
    outputs: dict[str, str]
    changed: bool


class Aws:
    """Clients of the emulated account, made once per service."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint` answers for every service."""
        self.endpoint = endpoint
        self._session: Any = session()  # its stubs need literal service names
        self._clients: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes
        """The boto3 client of a service."""
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service, endpoint_url=self.endpoint, config=client_config()
            )
        return self._clients[service]


def deploy(
    template_path: Path,
    endpoint: str,
    stack_name: str = "budget-monitor",
    parameters: Mapping[str, str] | None = None,
    cache: Path = STATE / "cache",
) -> Stack:
    """Create or update the stack; does nothing if nothing changed.

    It deploys the artefact of `make build`, built for this machine. Raises DeployError when
    CloudFormation fails, BuildError when the artefact cannot be built.
    """
    aws, given = Aws(endpoint), dict(parameters or {})
    packaged = package(template_path, aws, cache)
    digest = template.digest(packaged, given)
    changed = _deployed(aws, stack_name) != digest
    if changed:
        _apply(aws, stack_name, packaged, given)
        connect_routes(aws, stack_name, packaged, given)
        _put(aws, f"{stack_name}.digest", digest.encode())
    return _stack(aws, stack_name, changed=changed)


def package(template_path: Path, aws: Aws, cache: Path = STATE / "cache") -> template.Template:
    """Build the artefact for this machine and upload its code. Returns the template that names it.

    Raises BuildError.
    """
    _ensure_bucket(aws)
    with tempfile.TemporaryDirectory() as scratch:
        artefact = Path(scratch) / "build"
        build.build(template_path, artefact, build.HERE, cache)
        source = template.without_metric_math(template.load(artefact / "template.yaml"))
        return template.package(source, artefact, _uploader(aws))


def find(endpoint: str, stack_name: str = "budget-monitor") -> Stack | None:
    """The stack as it was deployed before, or None."""
    aws = Aws(endpoint)
    return None if _describe(aws, stack_name) is None else _stack(aws, stack_name, changed=False)


def _deployed(aws: Aws, stack_name: str) -> str | None:
    """The digest of the last complete deployment, or None if the stack is gone."""
    if _describe(aws, stack_name) is None:
        return None
    try:
        body = aws["s3"].get_object(Bucket=BUCKET, Key=f"{stack_name}.digest")["Body"]
        return str(body.read().decode())
    except ClientError:
        return None


def _ensure_bucket(aws: Aws) -> None:
    with contextlib.suppress(aws["s3"].exceptions.BucketAlreadyOwnedByYou):
        aws["s3"].create_bucket(Bucket=BUCKET)


def _put(aws: Aws, key: str, content: bytes) -> None:
    aws["s3"].put_object(Bucket=BUCKET, Key=key, Body=content)


def _uploader(aws: Aws) -> template.Upload:
    """Upload an archive unless one of this name, and so of this content, exists."""
    present = {item["Key"] for item in aws["s3"].list_objects_v2(Bucket=BUCKET).get("Contents", [])}

    def upload(key: str, archive: bytes) -> dict[str, str]:
        if key not in present:
            _put(aws, key, archive)
            present.add(key)
        return {"Bucket": BUCKET, "Key": key}

    return upload


def _describe(aws: Aws, stack_name: str) -> dict[str, Any] | None:
    """The stack's description, or None if there is no stack to update."""
    try:
        stacks = aws["cloudformation"].describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stacks[0]["StackStatus"] == "DELETE_COMPLETE" else stacks[0]


def _apply(
    aws: Aws, stack_name: str, packaged: template.Template, parameters: dict[str, str]
) -> None:
    """Create or update the stack and wait for it."""
    before = _describe(aws, stack_name)
    if before is not None and before["StackStatus"] in DEAD:
        aws["cloudformation"].delete_stack(StackName=stack_name)
        _wait(aws, stack_name)
        before = None
    _put(aws, f"{stack_name}.json", json.dumps(packaged, default=str).encode())
    client = aws["cloudformation"]
    call = client.create_stack if before is None else client.update_stack
    try:
        call(
            StackName=stack_name,
            TemplateURL=f"{aws.endpoint}/{BUCKET}/{stack_name}.json",
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            Capabilities=CAPABILITIES,
        )
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise DeployError(f"CloudFormation refuses the template: {error}") from error
    status = _wait(aws, stack_name)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise DeployError(f"{stack_name} ended as {status}:\n{_reasons(aws, stack_name)}")


def _wait(aws: Aws, stack_name: str) -> str:
    """The stack's status once nothing is in progress."""
    deadline = time.monotonic() + DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = _describe(aws, stack_name)
        status = "DELETE_COMPLETE" if stack is None else str(stack["StackStatus"])
        if not status.endswith("IN_PROGRESS"):
            return status
        time.sleep(0.1)
    raise DeployError(f"{stack_name} is still busy after {DEPLOY_SECONDS:.0f} s")


def _reasons(aws: Aws, stack_name: str) -> str:
    """Why resources failed, the first failure first."""
    events = aws["cloudformation"].describe_stack_events(StackName=stack_name)["StackEvents"]
    return "\n".join(
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if "FAILED" in event["ResourceStatus"]
    )


def connect_routes(
    aws: Aws, stack_name: str, packaged: template.Template, parameters: Mapping[str, str]
) -> None:
    """Give the APIs of a deployed stack their routes, which the emulator leaves out."""
    translated = template.translate(packaged, dict(parameters))
    ids = _physical_ids(aws, stack_name)
    functions = {
        name: f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{ids[name]}"
        for name, resource in translated["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function" and name in ids  # others are conditional
    }
    routes.connect(aws["apigatewayv2"], translated, ids, functions, parameters)


def _physical_ids(aws: Aws, stack_name: str) -> dict[str, str]:
    """Physical resource ids by logical id."""
    pages = aws["cloudformation"].get_paginator("list_stack_resources")
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stack_name)
        for resource in page["StackResourceSummaries"]
    }


def _stack(aws: Aws, stack_name: str, *, changed: bool) -> Stack:
    described = _describe(aws, stack_name) or {}
    ids = _physical_ids(aws, stack_name)
    api_id = ids.get("Api", "")
    return Stack(
        name=stack_name,
        endpoint=aws.endpoint,
        api_id=api_id,
        api_url=f"{aws.endpoint}/_aws/execute-api/{api_id}",
        physical_ids=ids,
        outputs={o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])},
        changed=changed,
    )
