"""Wind down: which part of a limit a request may use, by its model and by what it is for."""

from collections.abc import Mapping, Sequence
from typing import Any

from budget_monitor.domain.values import dataclass

WHOLE = 100
"""Percent."""
MAX_RUNGS, MAX_RESERVE = 10, 99


@dataclass(frozen=True, slots=True)
class Rung:
    """A model of a downgrade ladder.

    `at_percent`: from this share of the limit on, only this model and those after it are granted.
    None: the model is only suggested where a larger one does not fit.
    """

    model: str
    provider: str | None = None
    at_percent: int | None = None

    def dump(self) -> dict[str, Any]:
        """The rung as plain JSON."""
        return {"model": self.model, "provider": self.provider, "at_percent": self.at_percent}

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Rung":
        """What `dump` gave. Raises KeyError, TypeError or ValueError for anything else."""
        model, provider, percent = (dumped[name] for name in ("model", "provider", "at_percent"))
        if not isinstance(model, str) or not isinstance(provider, str | None):
            raise TypeError("not a rung")
        if percent is not None and (type(percent) is not int or not 1 <= percent <= WHOLE):
            raise ValueError("not a rung")
        return cls(model, provider, percent)


def load_reserve(dumped: Mapping[str, Any]) -> int:
    """The reserve of a stored budget, in percent. Raises ValueError for anything else."""
    reserve = dumped.get("reserve_percent", 0)
    if type(reserve) is not int or not 0 <= reserve <= MAX_RESERVE:
        raise ValueError("not a reserve")
    return reserve


def below(ladder: Sequence[Rung], model: str | None) -> Sequence[Rung]:
    """The rungs after the model's own; all of them where the model is on none."""
    names = [rung.model.casefold() for rung in ladder]
    name = (model or "").casefold()
    return ladder[names.index(name) + 1 :] if name in names else ladder


def share(ladder: Sequence[Rung], reserve: int, model: str | None, *, wrap_up: bool) -> int:
    """The percentage of the limit that a request for this model may use."""
    thresholds = (one.at_percent for one in below(ladder, model) if one.at_percent is not None)
    return min((WHOLE if wrap_up else WHOLE - reserve, *thresholds))
