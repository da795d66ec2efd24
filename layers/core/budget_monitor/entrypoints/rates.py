"""Reading the prices that people set: each by its name, in USD."""

from budget_monitor.domain.prices import RATES, Rates
from budget_monitor.entrypoints.fields import Fields


def read_rates(fields: Fields) -> Rates:
    """The unit prices that are given; a price of zero is one."""
    given = {name: fields.optional_amount(name) for name in RATES}
    return Rates({name: price for name, price in given.items() if price is not None})
