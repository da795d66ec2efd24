"""Build a Lambda layer of the client: `make client-layer`.

The archive has the folder `python`, which Lambda puts on the path of every Python runtime. The
client is pure Python, and what it talks with (urllib3, botocore and boto3) is in the runtime.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
NAME = "budget-monitor-client-layer.zip"
_SAME_DATE = (2026, 1, 1, 0, 0, 0)
"""Of each file, so that the same client makes the same archive."""


def build(folder: Path) -> Path:
    """Return the archive that was made in the folder. Raises CalledProcessError with uv's words."""
    folder.mkdir(parents=True, exist_ok=True)
    uv = Path(sys.executable).parent / "uv"
    with tempfile.TemporaryDirectory() as wheels:
        words = [str(uv), "build", "-q", "--offline", "--wheel", "--out-dir", wheels, str(HERE)]
        subprocess.run(words, check=True)  # noqa: S603 - our own tool
        (wheel,) = Path(wheels).glob("*.whl")
        return _archive(wheel, folder / NAME)


def _archive(wheel: Path, archive: Path) -> Path:
    """A wheel of pure Python is an archive of what is installed: it moves into `python`."""
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(archive, "w") as made:
        for name in sorted(source.namelist()):
            if not name.endswith("/"):
                entry = zipfile.ZipInfo(f"python/{name}", _SAME_DATE)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                made.writestr(entry, source.read(name))
    return archive


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
