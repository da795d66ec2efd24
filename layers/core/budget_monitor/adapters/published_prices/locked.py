"""Which published prices are locked, and since when. Written by `make lock`."""

from datetime import date

VERSION = "0.2.3"
LOCKED_ON = date(2026, 11, 23)
