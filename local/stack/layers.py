"""Unpack a Lambda layer once and let every worker link to it, as Lambda itself mounts /opt.

ministack unpacks all layers again for each worker: thousands of files, which takes a second or more
and has to be deleted in the end.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

LAYER_FOLDER = "python/"

_unpacking = threading.Lock()


class SharedZip(zipfile.ZipFile):
    """A zip that, if it is a layer, is unpacked by linking to the one copy of its content."""

    def namelist(self) -> list[str]:
        """Names of its files; empty for a layer, to skip checks of thousands of paths."""
        return [] if self._is_layer() else super().namelist()

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:  # noqa: ANN401 - as in zipfile
        """Unpack into `path`."""
        if not self._is_layer():
            super().extractall(path, members, pwd)
            return
        Path(path, LAYER_FOLDER).symlink_to(self._content() / LAYER_FOLDER)

    def _is_layer(self) -> bool:
        names = super().namelist()
        return bool(names) and all(name.startswith(LAYER_FOLDER) for name in names)

    def _content(self) -> Path:
        """The folder of the unpacked layer; the first call unpacks it."""
        name = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()[:16]
        content = Path(tempfile.gettempdir()) / "layers" / name
        with _unpacking:
            if not content.exists():
                unfinished = content.with_suffix(f".{os.getpid()}")
                super().extractall(unfinished, super().namelist())
                unfinished.rename(content)
        return content


def share_layers(runtime: Any) -> None:  # noqa: ANN401 - ministack has no types
    """Make ministack's worker module unpack layers this way."""
    runtime.zipfile = SimpleNamespace(
        ZipFile=SharedZip,
        BadZipFile=zipfile.BadZipFile,
        LargeFileError=zipfile.LargeZipFile,  # ministack uses a name that zipfile lacks
    )
