"""What is made from the OpenAPI document is up to date: `make reference` would change nothing."""

from __future__ import annotations

import json

from tests.support.openapi.generate import ANSWERS, answers, documents
from tests.support.paths import ROOT


def test_the_answers_to_the_examples_are_those_that_the_handlers_give(
    botocore_set_up_once: None,
) -> None:
    assert json.loads(ANSWERS.read_text()) == answers()


def test_the_reference_and_the_sample_events_are_made_from_the_document() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in documents().items()
        if not path.exists() or path.read_text() != text
    ]
    assert stale == [], "run `make reference`"
