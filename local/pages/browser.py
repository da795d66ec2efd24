"""A headless Chromium that looks at the pages, for the pictures and for a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESKTOP: ViewportSize = {"width": 1180, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


class NoBrowserError(Exception):
    """There is no Chromium on this machine."""


def executable() -> str | None:
    """Where a Chromium is: named by CHROMIUM, or on the PATH; None if nowhere."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for one in NAMES if (found := shutil.which(one))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium. Raises NoBrowserError."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it takes a second

    where = executable()
    if where is None:
        raise NoBrowserError(
            "no Chromium on this machine: `apt-get install chromium`, or set CHROMIUM to one"
        )
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=where, args=["--no-sandbox", "--no-proxy-server"]
        )
        try:
            yield browser
        finally:
            browser.close()
