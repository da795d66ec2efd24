"""`python -m local.stack.build`: the artefact, as it ships: a template and the code that it names.

It is laid out as `sam build` lays it out, in `.aws-sam/build`, where `sam deploy` takes it from.
`make up` deploys the same artefact, built for this machine's platform.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from local.settings import ROOT, STATE, TEMPLATE
from local.stack import template

ARTEFACT = ROOT / ".aws-sam" / "build"
IGNORED = shutil.ignore_patterns("__pycache__")


class BuildError(Exception):
    """The artefact could not be built; the message says which part and why."""


@dataclass(frozen=True)
class Target:
    """The Python and the platform to build for; None: this machine's platform."""

    python: str
    platform: str | None


AWS = Target("3.13", "aarch64-manylinux2014")
"""What the template's functions run on."""
HERE = Target(f"{sys.version_info.major}.{sys.version_info.minor}", None)
"""What the emulator runs on: this interpreter."""


def build(source: Path, artefact: Path, target: Target = AWS, cache: Path = STATE / "cache") -> str:
    """Make the artefact of a template; what was there before is replaced.

    Gives the builder's remarks, such as that no interpreter was there to compile with. Raises
    BuildError when code is missing or a library cannot be installed.
    """
    shutil.rmtree(artefact, ignore_errors=True)
    artefact.mkdir(parents=True)
    made, remarks = template.load(source), list[str]()
    for name, resource in made["Resources"].items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case template.Type.FUNCTION if isinstance(properties.get("CodeUri"), str):
                _copy(source.parent / properties["CodeUri"], artefact / name)
                properties["CodeUri"] = name
            case template.Type.LAYER:
                kept = _layer(source.parent / properties["ContentUri"], name, target, cache)
                shutil.copytree(kept / "python", artefact / name / "python")
                remarks.append((kept / "remarks").read_text())
                properties["ContentUri"] = name
            case template.Type.MACHINE if "DefinitionUri" in properties:
                where = artefact / properties["DefinitionUri"]
                where.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source.parent / properties["DefinitionUri"], where)
    (artefact / "template.yaml").write_text(yaml.safe_dump(made, sort_keys=False, width=100))
    return "".join(remarks)


def _copy(folder: Path, to: Path) -> None:
    if not folder.is_dir():
        raise BuildError(f"{folder} is not a folder: the template names it as code")
    shutil.copytree(folder, to, ignore=IGNORED)


def _layer(folder: Path, name: str, target: Target, cache: Path) -> Path:
    """Where a layer lies that is built of these files for this target; it is built once."""
    layer = name.removesuffix("Layer").lower()
    kept = cache / f"layer-{_key(folder, layer, target)}"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            finished = Path(scratch) / "finished"
            remarks = _run(folder, layer, target, finished / "python")
            (finished / "remarks").write_text(remarks)
            with contextlib.suppress(OSError):  # another process was faster
                finished.rename(kept)
    return kept


def _run(folder: Path, layer: str, target: Target, to: Path) -> str:
    settings = {"LAYER_PYTHON": target.python, "LAYER_PLATFORM": target.platform or ""}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(folder / "build.py"), layer, str(to)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"the layer {layer} cannot be built:\n{done.stderr.strip()}")
    return done.stderr


def _key(folder: Path, layer: str, target: Target) -> str:
    """A name for what a layer is made of."""
    key = hashlib.sha256(f"{layer} {target} {platform.machine()}".encode())
    key.update((folder / "build.py").read_bytes())
    for path in sorted((folder / layer).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            key.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return key.hexdigest()[:32]


def main() -> None:
    """Build what ships, and say where it is."""
    try:
        remarks = build(TEMPLATE, ARTEFACT)
    except BuildError as error:
        sys.exit(str(error))
    sys.stderr.write(remarks)
    files = [one for one in ARTEFACT.rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files) / 1e6
    print(f"{ARTEFACT.relative_to(ROOT)}: {len(files)} files, {size:.1f} MB, for {AWS.platform}")  # noqa: T201


if __name__ == "__main__":
    main()
