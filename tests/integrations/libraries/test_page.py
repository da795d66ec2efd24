"""The snippets of the page "Use it with your framework" are run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integrations.libraries.conftest import Ledger
from tests.integrations.libraries.stub_models import Models

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "integrations.md").read_text()
SNIPPETS: dict[str, str] = dict(
    re.findall(
        r'^```python title="(integration: [\w-]+)"\n(.*?)^```$', PAGE, re.DOTALL | re.MULTILINE
    )
)
COSTS = {
    "integration: openai": "0.006",
    "integration: anthropic": "0.0081",
    "integration: openai-agents": "0.006",
    "integration: langchain": "0.006",
    "integration: pydantic-ai": "0.006",
    "integration: litellm": "0.006",
    "integration: bedrock": "0.00891",
    "integration: strands": "0.006",
}


def test_each_snippet_of_the_page_is_run() -> None:
    assert SNIPPETS.keys() == {"integration: run", *COSTS}


@pytest.mark.parametrize("name", COSTS)
def test_a_snippet_books_its_exact_cost(
    ledger: Ledger, models: Models, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", models.url)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    run = SNIPPETS["integration: run"].replace('"acme"', f'"{ledger.tenant_id}"')
    names: dict[str, Any] = {}
    exec(run + SNIPPETS[name], names)  # noqa: S102 - our own page
    names["run"].__exit__(None, None, None)
    assert (ledger.costs, ledger.held, models.attempts) == ([COSTS[name]], "0", 1)
