"""axe-core, which finds what people with disabilities cannot use, from npm where that is."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from typing import Any

from local.settings import STATE

VERSION = "4.14.1"
SERIOUS = {"serious", "critical"}
_PACKED = STATE / "cache" / f"axe-core-{VERSION}.tgz"


def source() -> str | None:
    """The text of axe-core; None where npm or its registry is not there."""
    npm = shutil.which("npm")
    if not _PACKED.exists() and npm is not None:
        _PACKED.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(  # noqa: S603 - npm checks the package's hash
            [npm, "pack", f"axe-core@{VERSION}", "--silent"],
            cwd=_PACKED.parent,
            check=False,
            capture_output=True,
            timeout=60,
        )
    if not _PACKED.exists():
        return None
    with tarfile.open(_PACKED) as packed:
        member = packed.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def serious(page: Any, axe: str) -> list[str]:
    """What axe finds serious or critical on the page: rule, and the first place."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]
