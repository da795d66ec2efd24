"""README and docs are true: each page's examples are run in order and answer as written."""

from __future__ import annotations

import itertools
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.exports import exports
from tests.support.docs.differences import differences
from tests.support.docs.pages import (
    Fence,
    examples,
    fences,
    is_call,
    name_of,
    pages,
    shell_functions,
    titled,
)
from tests.support.end_to_end.stack import Deployed
from tests.support.paths import ROOT
from tests.support.prices.bucket import dearer

CLIENT = ROOT / "clients" / "python" / "src"
UPLOADED = shlex.split(titled("upload a price list"))[-1].removeprefix("s3://")
WITH_CALLS = [one for one in pages() if examples(one)]
INTEGRATION = "integration: "
"""Python that needs other libraries; tests/integrations runs it with them."""


def is_script(fence: Fence) -> bool:
    return fence.language == "python" and not (fence.title or "").startswith(INTEGRATION)


WITH_PYTHON = [one for one in pages() if any(is_script(fence) for fence in fences(one))]


@pytest.fixture(scope="module")
def shell(deployed: Deployed) -> dict[str, str]:
    """The environment of a shell that evaluated `make -s env`. The price list is uploaded."""
    bucket, key = UPLOADED.split("/", 1)
    assert bucket == "$PRICE_LISTS_BUCKET"
    names = deployed.stack.outputs
    deployed.aws["s3"].put_object(Bucket=names["PriceListsBucket"], Key=key, Body=dearer(1))
    own = {"PATH": "/usr/bin:/bin", "AWS_CONFIG_FILE": "/dev/null", "PYTHONPATH": str(CLIENT)}
    return own | exports(deployed.stack)


def output(command: str, shell: dict[str, str]) -> str:
    """What an example prints."""
    done = subprocess.run(  # noqa: S603 - our own documents
        ["/bin/bash", "-c", f"{shell_functions()}\n{command}"],
        capture_output=True,
        text=True,
        check=True,
        env=shell,
    )
    return done.stdout


def found_wrong(answer: Fence, printed: str) -> list[str]:
    """Where the printed answer is not as the page says."""
    if answer.language == "text":
        return differences(answer.text.splitlines(), printed.splitlines())
    said: Any = json.loads(answer.text)
    return differences(said, json.loads(printed))


@pytest.fixture
def nothing_overdue(deployed: Deployed) -> None:
    """End the holds that other tests left to expire: a page says how many it ended itself."""
    expiring = deployed.stack.outputs["ExpiringFunctionArn"]
    payload = json.dumps({"operation": "expire"})
    deployed.aws["lambda"].invoke(FunctionName=expiring, Payload=payload)


@pytest.mark.usefixtures("nothing_overdue")
@pytest.mark.parametrize("page", WITH_CALLS, ids=name_of)
def test_every_example_of_a_page_answers_as_written(page: Path, shell: dict[str, str]) -> None:
    for command, answer in examples(page):
        assert found_wrong(answer, output(command, shell)) == [], command


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_every_python_example_prints_what_the_page_says(page: Path, shell: dict[str, str]) -> None:
    blocks = fences(page)
    for script, printed in itertools.pairwise(blocks):
        if is_script(script):
            done = subprocess.run(  # noqa: S603 - our own documents
                [sys.executable, "-c", script.text],
                capture_output=True,
                text=True,
                check=False,
                env=shell,
            )
            assert (done.stdout, done.stderr) == (printed.text, "")


def test_enough_examples_are_found() -> None:
    calls = [one for page in WITH_CALLS for one in fences(page) if is_call(one)]
    assert len(calls) > 90
    assert len(WITH_PYTHON) > 3
