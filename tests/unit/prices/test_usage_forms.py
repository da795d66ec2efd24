"""Usage objects of frameworks and clouds, as they document them: what each of them counts."""

from __future__ import annotations

import pytest

from tests.support.prices.usage_forms import FORMS, GPT, HALVES, read


@pytest.mark.parametrize("name", FORMS)
def test_an_object_counts_what_its_maker_documents(name: str) -> None:
    call, response, expected = FORMS[name]
    counts = read(call, response).counts
    assert {unit: int(count) for unit, count in counts.items() if count} == expected


@pytest.mark.parametrize("name", HALVES)
def test_half_of_a_stream_is_half(name: str) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        read(GPT, HALVES[name])
