"""Zip functions as they are in the repository, and layers as `sam build` lays them out.

An archive of the same content has the same bytes, so its hash names it, and a deployment uploads
and replaces only what changed.
"""

from __future__ import annotations

import compileall
import hashlib
import io
import py_compile
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

SKIPPED = {"__pycache__", ".DS_Store"}
EPOCH = (1980, 1, 1, 0, 0, 0)


class BundleError(Exception):
    """The code could not be packed; the message says which part and why."""


def function_archive(folder: Path) -> bytes:
    """The zip of a function's folder."""
    return _archive(_files(folder))


def layer_archive(folder: Path, cache: Path) -> bytes:
    """The zip of a layer: its files, and what its requirements.txt installs, under `python/`.

    Installing is slow, so a layer with requirements is kept in `cache` by its content.
    """
    sources = {f"python/{name}": path for name, path in _files(folder).items()}
    requirements = folder / "requirements.txt"
    if not requirements.exists():
        return _archive(sources)
    key = hashlib.sha256(sys.version.encode())
    for name, path in sources.items():
        key.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    kept = cache / f"layer-{key.hexdigest()[:32]}.zip"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            target = Path(scratch) / "python"
            _install(requirements, target)
            installed = {
                f"python/{name}": path for name, path in _files(target, bytecode=True).items()
            }
            finished = Path(scratch) / "layer.zip"
            finished.write_bytes(_archive(installed | sources))
            finished.rename(kept)
    return kept.read_bytes()


def _install(requirements: Path, target: Path) -> None:
    """Install into a folder with uv, every file checked by its hash, and compile the result.

    The bytecode does not depend on file times, so no new worker compiles it again.
    """
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet"]
    command += ["--python", sys.executable, "--require-hashes"]
    command += ["--target", str(target), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BundleError(f"{requirements} cannot be installed:\n{done.stderr.strip()}")
    compileall.compile_dir(
        target,
        quiet=2,
        stripdir=str(target),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _files(folder: Path, *, bytecode: bool = False) -> dict[str, Path]:
    """Every file below a folder by its name within it, in order."""
    if not folder.is_dir():
        raise BundleError(f"{folder} is not a folder: the template names it as code")
    return {path.relative_to(folder).as_posix(): path for path in _walk(folder, bytecode=bytecode)}


def _walk(folder: Path, *, bytecode: bool) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (bytecode or not SKIPPED.intersection(path.parts)):
            yield path


def _archive(files: dict[str, Path]) -> bytes:
    """A zip that depends on names and contents only."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
