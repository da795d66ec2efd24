"""docs/MODELS.md says what the tests try."""

from tests.support.prices.models_document import body, written


def test_the_document_of_models_is_made_from_the_tests_of_today() -> None:
    assert written() == body(), "docs/MODELS.md is stale: run make reference"
