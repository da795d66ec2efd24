"""Facts of a call other than counts, and its terms.

Terms are what beside the model decides on unit prices: tier, batch, speed, place.
"""

from decimal import Decimal

from budget_monitor.domain.values import dataclass

STANDARD = {"standard", "default", "on_demand", "on-demand", "ondemand"}
_TIERS = {
    "on_demand_flex": "flex",
    "on_demand_priority": "priority",
    "provisioned_throughput": "provisioned",
    "traffic_type_unspecified": "standard",
}
_ANYWHERE = {"global", "not_available", ""}
"""Geographies of inference without a surcharge."""
BATCH, SERVICE_TIER, SPEED, GEO = "batch", "service_tier", "speed", "inference_geo"
STANDARD_NAME = "standard"


@dataclass(frozen=True, slots=True)
class Facts:
    """Model, tier, region, request id and cost, as the object shows them; None: it does not."""

    model: str | None = None
    provider: str | None = None
    service_tier: str | None = None
    batch: bool = False
    speed: str | None = None
    inference_geo: str | None = None
    region: str | None = None
    request_id: str | None = None
    cost: Decimal | None = None
    """The cost in USD that the object shows."""
    cost_billed_by: str | None = None
    """The provider who bills that cost, by the price list's name; None: a client's estimate."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a call was served; empty fields are the standard way."""

    service_tier: str | None = None
    batch: bool = False
    speed: str | None = None
    inference_geo: str | None = None

    @classmethod
    def said(
        cls,
        service_tier: str | None = None,
        *,
        batch: bool = False,
        speed: str | None = None,
        inference_geo: str | None = None,
    ) -> "Terms":
        """The terms under the providers' names, without those that are standard."""
        tier = (service_tier or "").strip().casefold()
        tier = _TIERS.get(tier, tier)
        geo = (inference_geo or "").strip().casefold()
        fast = (speed or "").strip().casefold()
        return cls(
            service_tier=tier if tier and tier not in STANDARD | {BATCH} else None,
            batch=batch or tier == BATCH,
            speed=fast if fast and fast not in STANDARD else None,
            inference_geo=geo if geo not in _ANYWHERE else None,
        )

    def joined(self, other: "Terms") -> "Terms":
        """Return these terms, completed by the other's where these are standard."""
        return Terms(
            self.service_tier or other.service_tier,
            self.batch or other.batch,
            self.speed or other.speed,
            self.inference_geo or other.inference_geo,
        )

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """The conditions that a price must match beside the model, by name; empty if standard."""
        said = (
            (BATCH, "true" if self.batch else None),
            (SERVICE_TIER, self.service_tier),
            (SPEED, self.speed),
            (GEO, self.inference_geo),
        )
        return tuple((name, value) for name, value in said if value is not None)

    @property
    def words(self) -> str:
        """The terms in words, for messages."""
        return ", ".join(f"{name} {value}" for name, value in self.conditions) or STANDARD_NAME


STANDARD_TERMS = Terms()
