"""`make lock`: note which published prices are locked, and since when."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from local.settings import ROOT

LOCK = ROOT / "layers" / "dependencies" / "requirements.txt"
NOTE = ROOT / "layers/core/budget_monitor/adapters/published_prices/locked.py"


def note(lock: Path = LOCK, to: Path = NOTE, today: date | None = None) -> None:
    """Write version and day, unless this version is noted already."""
    (version,) = re.findall(r"^genai-prices==(\S+)", lock.read_text(), re.MULTILINE)
    before = to.read_text()
    if f'VERSION = "{version}"' in before:
        return
    day = today or datetime.now(UTC).date()
    text = re.sub(r'VERSION = ".*"', f'VERSION = "{version}"', before)
    text = re.sub(r"date\([\d, ]+\)", f"date({day.year}, {day.month}, {day.day})", text)
    to.write_text(text)


if __name__ == "__main__":
    note()
