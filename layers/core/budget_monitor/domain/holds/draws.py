"""What was drawn from a hold, as stored in its row and its receipt."""

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.units import COUNTED, NONE_ASKED, Amounts
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many costs were drawn from a hold, and what they were in each unit, in full."""

    draws: int = 0
    amounts: Amounts = NONE_ASKED

    def __str__(self) -> str:
        counts = "/".join(map(str, self.amounts.dump().values()))
        return f"{self.draws}/{render(self.amounts.usd)}/{counts}"

    @classmethod
    def read(cls, text: str) -> "Drawn":
        """Return what `str` wrote. Raises ValueError for any other text."""
        draws, usd, *counted = text.split("/")
        try:
            counts = dict(zip(COUNTED, map(int, counted), strict=True))
            drawn = cls(int(draws), Amounts.load(parse_amount(usd, "drawn"), counts))
        except ValidationError as fault:
            raise ValueError("not what was drawn") from fault
        if str(drawn) != text:
            raise ValueError("not what was drawn")
        return drawn

    def plus(self, cost: Amounts) -> "Drawn":
        """Return this with one more draw."""
        return Drawn(self.draws + 1, self.amounts + cost)


UNDRAWN = Drawn()
