"""Charts: plain SVG of numbers, named for screen readers, without scripts or styles."""

from __future__ import annotations

import sys
from decimal import Decimal
from xml.etree import ElementTree as ET

from budget_monitor.domain.months.forecasts import Forecast
from budget_monitor.entrypoints.dashboard.charts import daily, towards_limit

SVG = "{http://www.w3.org/2000/svg}"
MONTH = [f"2026-11-{day:02}" for day in range(1, 31)]
DAYS = {"2026-11-01": Decimal(2), "2026-11-02": Decimal("0.000000000001")}


def forecast(estimate: str | None, limit: str | None) -> Forecast:
    """A forecast of this estimate and limit."""
    amounts = [None if one is None else Decimal(one) for one in (estimate, limit)]
    return Forecast(Decimal(2), amounts[1], 5, estimate=amounts[0])


def test_a_chart_has_no_script_no_style_and_a_name() -> None:
    root = ET.fromstring(daily("Spend <b>", DAYS, MONTH))  # noqa: S314 - our own
    assert (root.get("role"), root.get("aria-label")) == ("img", "Spend <b>")
    named = root.find(f"{SVG}title")
    assert named is not None
    assert named.text == "Spend <b>"
    for one in root.iter():
        assert one.tag not in {f"{SVG}script", f"{SVG}style", f"{SVG}desc"}
        assert "style" not in one.attrib
        assert not [name for name in one.attrib if name.startswith("on")]


def test_each_day_has_a_bar_that_says_its_amount() -> None:
    root = ET.fromstring(daily("Spend", DAYS, MONTH))  # noqa: S314 - our own
    bars = [one for one in root.iter() if one.get("class") == "bar"]
    said = [one.findtext(f"{SVG}title") for one in bars]
    assert len(said) == 30
    assert said[:3] == ["1: 2.00", "2: 0.000000000001", "3: 0.00"]


def test_the_limit_is_drawn_unless_it_is_far_above_and_the_forecast_if_there_is_one() -> None:
    near = towards_limit("x", DAYS, MONTH, "2026-11-10", forecast("6", "10"))
    far = towards_limit("x", DAYS, MONTH, "2026-11-10", forecast(None, "1000"))
    unlimited = towards_limit("x", DAYS, MONTH, "2026-11-30", forecast("6", None))
    assert "serie-2" in near
    assert "serie-2" not in far
    assert "serie-2" not in unlimited


def test_a_month_of_zeros_and_one_of_refunds_can_be_drawn() -> None:
    for days in ({}, {"2026-11-03": Decimal(-5)}):
        assert "<svg" in daily("x", days, MONTH)
        assert "<svg" in towards_limit("x", days, MONTH, "2026-11-01", forecast(None, "0"))


def test_pygal_leaves_no_finder_of_modules_behind() -> None:
    assert not [one for one in sys.meta_path if type(one).__module__.startswith("pygal")]
