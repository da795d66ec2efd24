"""Charts as SVG without scripts or styles of their own; the page's stylesheet draws them."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

import pygal
from markupsafe import Markup

from budget_monitor.domain.money import ZERO
from budget_monitor.domain.months.forecasts import Forecast
from budget_monitor.entrypoints.dashboard.figures import usd

WIDTH, HEIGHT = 640, 240
_REACH = 4
"""A limit is drawn if it is at most this many times as high as everything else in the chart."""
_EVERY = 5
_DROPPED = {"script", "style"}
_DIVIDING = Context(prec=40)

Days = Mapping[str, Decimal]

# pygal adds a finder for plugins with maps, in a form that Python 3.12 ignores and about which 3.11
# warns at every import. There are no maps here.
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]


def daily(title: str, days: Days, month: Sequence[str]) -> Markup:
    """Bar chart: spend of each day of the month."""
    chart = pygal.Bar(**_settings(month))
    chart.add("spent", [Fraction(days.get(one, ZERO)) for one in month])
    return _drawn(chart, title)


def towards_limit(
    title: str, days: Days, month: Sequence[str], today: str, forecast: Forecast
) -> Markup:
    """Line chart: total spend by the end of each day, the forecast, and the limit."""
    spent, total = list[Fraction | None](), Fraction(0)
    for one in month:
        total += Fraction(days.get(one, ZERO))
        spent.append(total if one <= today else None)
    now = max(sum(one <= today for one in month) - 1, 0)
    ahead = _ahead(total, forecast.estimate, now, len(month))
    highest = max([Fraction(1), total, *(one for one in ahead if one is not None)])
    chart = pygal.Line(show_dots=False, **_settings(month))
    chart.add("spent", spent)
    chart.add("forecast", ahead)
    if forecast.limit is not None and Fraction(forecast.limit) <= _REACH * highest:
        chart.add("limit", [Fraction(forecast.limit)] * len(month))
    return _drawn(chart, title)


def _ahead(total: Fraction, estimate: Decimal | None, now: int, days: int) -> list[Fraction | None]:
    """A straight line from today's total to the estimate at the end of the month."""
    if estimate is None or now + 1 >= days:
        return [None] * days
    step = (Fraction(estimate) - total) / (days - 1 - now)
    line: list[Fraction | None] = [None] * now
    return line + [total + step * number for number in range(days - now)]


def _settings(month: Sequence[str]) -> dict[str, Any]:
    labels = [str(int(one[-2:])) for one in month]
    shown = [labels[0], *(one for one in labels[:-1] if int(one) % _EVERY == 0), labels[-1]]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "js": [],
        "no_prefix": True,
        "disable_xml_declaration": True,
        "show_legend": False,
        "include_x_axis": True,
        "x_labels": labels,
        "x_labels_major": shown,
        "show_minor_x_labels": False,
        "truncate_label": -1,
        "y_labels_major_count": 4,
        "show_minor_y_labels": False,
        "margin": 4,
        "value_formatter": usd_of,
    }


def usd_of(value: object) -> str:
    """A number of a chart as an amount for people."""
    exact = value if isinstance(value, Fraction) else Fraction(str(value))
    return usd(_DIVIDING.divide(Decimal(exact.numerator), Decimal(exact.denominator)))


def _drawn(chart: Any, title: str) -> Markup:  # noqa: ANN401 - pygal has no types
    chart.add_xml_filter(lambda root: _plain(root, title))
    return Markup(chart.render(is_unicode=True))  # noqa: S704 - made of numbers and our own words


def _plain(root: Element, title: str) -> Element:
    """Remove scripts and styles, give the chart a title, and show each bar's value."""
    for part in root.iter():
        for inner in [one for one in part if one.tag in _DROPPED or one.get("class") == "tooltip"]:
            part.remove(inner)
        part.attrib.pop("style", None)
        _say_values(part)
    del root.attrib["id"]
    root.set("role", "img")
    root.set("aria-label", title)
    named = root.find("title")
    if named is not None:
        named.text = title
    return root


def _say_values(part: Element) -> None:
    """Replace pygal's descriptions for its script by a title, which browsers show."""
    described = {one.get("class"): one for one in part if one.tag == "desc"}
    for one in described.values():
        part.remove(one)
    if "value" in described:
        day = described.get("x_label")
        said = Element("title")
        said.text = f"{day.text}: {described['value'].text}" if day is not None else ""
        part.insert(0, said)
