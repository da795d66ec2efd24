"""One deployed stack for the end-to-end tests: the real template on the emulator, IAM enforced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.api import Api
from local.deploy import Aws, Stack, deploy
from local.emulator import Emulator

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Deployed:
    """A running stack, its API, and clients for the rest of the account."""

    stack: Stack
    api: Api
    aws: Aws


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs all of them, so that one stack serves them all."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("deployed"))


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The template with its layers, deployed as `make up` does it."""
    with Emulator(tmp_path_factory.mktemp("deployed")) as emulator:
        stack = deploy(ROOT / "template.yaml", emulator.endpoint)
        yield Deployed(stack, Api(stack.api_url), Aws(emulator.endpoint))
