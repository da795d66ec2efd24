"""The command `aws` of the documents' shell blocks, answered by boto3 in this process.

A block runs in bash as it stands on the page. Its `aws` is a function that sends its arguments to
a server on the loopback, since a process for each call would take seconds.
"""

from __future__ import annotations

import json
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jmespath  # type: ignore[import-untyped]
import yaml
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from local.stack.deploy import Aws

SHELL = r"""
set -euo pipefail
aws() {
  exec 3<>"/dev/tcp/127.0.0.1/$AWS_COMMAND_PORT"
  printf '%s\n' "$(printf '%s\037' "$@")" >&3
  local status; read -r status <&3; cat <&3; exec 3>&-
  return "$status"
}
"""
QUICKLY = {"Delay": 1, "MaxAttempts": 120}


@contextmanager
def shell(aws: Aws, folder: Path, **variables: str) -> Iterator[Any]:
    """A function that runs a block of the documents in this folder, and gives what it printed."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            arguments = self.rfile.readline().decode().rstrip("\n").split("\x1f")[:-1]
            try:
                status, text = 0, answered(aws, folder, arguments)
            except (BotoCoreError, ClientError, KeyError) as error:
                status, text = 1, f"{arguments}: {error!r}"
            self.wfile.write(f"{status}\n{text}\n".encode())

    def run(block: str) -> str:
        done = subprocess.run(  # noqa: S603 - a block of our own documents
            ["/bin/bash", "-c", SHELL + block],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "AWS_COMMAND_PORT": str(port), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with Server(("127.0.0.1", 0), Handler) as server:
        port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            yield run
        finally:
            server.shutdown()


def answered(aws: Aws, folder: Path, arguments: list[str]) -> str:
    """What `aws` prints for these arguments."""
    service, operation, *rest = arguments
    if (service, operation) == ("s3", "cp"):
        bucket, _, key = rest[1].removeprefix("s3://").partition("/")
        aws["s3"].upload_file(str(folder / rest[0]), bucket, key)
        return ""
    client, options = aws[service], _options(rest)
    query, output = options.pop("query", None), options.pop("output", ["json"])
    if operation == "wait":
        waiter = client.get_waiter(rest[0].replace("-", "_"))
        given = _given(client, waiter.config.operation, options, folder)
        waiter.wait(**given, WaiterConfig=QUICKLY)
        return ""
    method = operation.replace("-", "_")
    named = client.meta.method_to_api_mapping[method]
    found = getattr(client, method)(**_given(client, named, options, folder))
    found.pop("ResponseMetadata", None)
    chosen = jmespath.search(query[0], found) if query else found
    return str(chosen) if output == ["text"] else json.dumps(chosen, default=str)


def _options(rest: list[str]) -> dict[str, list[str]]:
    found, name = dict[str, list[str]](), ""
    for word in rest:
        if word.startswith("--"):
            name = word[2:]
            found[name] = []
        elif name:
            found[name].append(word)
    return found


def _given(
    client: Any, operation: str, options: Mapping[str, list[str]], folder: Path
) -> dict[str, Any]:
    members = client.meta.service_model.operation_model(operation).input_shape.members
    shapes = {xform_name(name, "-"): (name, shape) for name, shape in members.items()}
    unknown = {one.removeprefix("no-") for one in options} - shapes.keys()
    assert unknown == set(), f"aws knows no option {unknown} of {operation}"
    given = {}
    for option, words in options.items():
        name, shape = shapes[option]
        given[name] = _value(shape, words, folder)
    return given


def _value(shape: Any, words: list[str], folder: Path) -> Any:
    if shape.type_name == "boolean" and not words:
        return True
    if shape.type_name == "list":
        return [_value(shape.member, [word], folder) for word in words]
    (word,) = words
    if word.startswith("file://"):
        return (folder / word.removeprefix("file://")).read_text()
    if shape.type_name == "structure":
        pairs = (pair.split("=", 1) for pair in word.split(","))
        return {name: _value(shape.members[name], [value], folder) for name, value in pairs}
    return word if shape.type_name in {"string", "timestamp"} else yaml.safe_load(word)
