"""Real usage objects, broken at random: they have a price, or are refused by their field."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from itertools import chain
from typing import Any

from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import EXACT
from tests.support.prices import claude_responses, cloud_responses, responses
from tests.support.prices.responses import Case
from tests.support.thorough import size

SEED, MUTANTS, FIELD = 20261128, size(1000, 3000), "provider_response"
AT = datetime(2026, 11, 1, tzinfo=UTC)
MODULES = (responses, cloud_responses, claude_responses)
CASES = [
    case
    for found in chain.from_iterable(vars(module).values() for module in MODULES)
    if isinstance(found, tuple)
    for case in found
    if isinstance(case, Case)
]
ODD: list[Any] = [None, True, False, 0, -1, 1, 10**13, 2**63, "5", "-5", "1.5", "abc", "", "1e5"]
ODD += [[], {}, [1], [{}], [[]], {"a": 1}, {"": None}, Decimal("1.5"), Decimal("1e22")]
ODD += ["0" * 20, "9" * 50, "0." + "1" * 30, "00007", "total_tokens"]
NAMES = ["input_tokens", "prompt_tokens", "inputTokens", "promptTokenCount", "cached_tokens"]
NAMES += ["cacheDetails", "modality", "usage", "response", "usageMetadata", "results", "tokens"]
NAMES += ["billed_units", "meta", "seconds", "total_tokens", "amazon-bedrock-invocationMetrics"]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in it, with each of its names."""
    names = value if isinstance(value, dict) else range(len(value))
    for name in list(names):
        yield value, name
        if isinstance(value[name], dict | list):
            yield from places(value[name])


def mutant(chance: random.Random) -> tuple[Case, dict[str, Any]]:
    case = chance.choice(CASES)
    response = copy.deepcopy(chance.choice([case.bare, case.whole]))
    for _ in range(chance.randint(1, 4)):
        at, name = chance.choice(list(places(response)) or [(response, "usage")])
        if isinstance(at, dict) and chance.random() < 0.3:
            name = chance.choice(NAMES)
        at[name] = copy.deepcopy(chance.choice(ODD))
    return case, response


def priced(prices: PublishedPrices, case: Case, response: dict[str, Any]) -> bool:
    """Whether it has a price; else it was refused, by its field."""
    labels = Labels(model=case.model, provider=case.provider)
    try:
        usage = prices.read(response, labels, FIELD).checked(FIELD)
    except ValueError:
        return False
    except ValidationError as refusal:
        if refusal.field != FIELD:
            raise
        return False
    sheet = prices.sheet(case.model, case.provider, AT)
    if sheet and prices.missing(sheet, usage) is None:
        with suppress(ValueError):  # its parts are more than the whole
            assert all(line.quantity > 0 for line in prices.lines(sheet, usage))
    return True


def test_whatever_is_sent_has_a_price_or_is_refused_by_its_field() -> None:
    prices, chance = PublishedPrices(), random.Random(SEED)  # noqa: S311 - a fixed choice of cases
    with localcontext(EXACT):
        ends = [priced(prices, *mutant(chance)) for _ in range(MUTANTS)]
    assert MUTANTS / 10 < sum(ends) < MUTANTS * 9 / 10
