"""Build one layer: `python build.py core|dependencies|pages TARGET`.

`sam build` runs it through the Makefile beside it, and `make build` and `make up` run it too, so
that all of them make the same layer. It needs the standard library and `uv`.

    LAYER_PYTHON     Python of the functions, 3.13 unless set
    LAYER_PLATFORM   platform of the functions, as uv names it; empty: this machine's
    LAYER_COMPILER   an interpreter of that Python; without one the usual places are searched

Every library comes as a wheel for that platform, and its hash must be the one that is locked.
The result is compiled to bytecode that is valid whatever the times of the files are. That takes an
interpreter of the same version. Without one nothing is compiled, and the build says so: the layer
works then, and each cold start takes about a third of a second more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = "3.13"
PLATFORM = "aarch64-manylinux2014"
SERVICES = {"dynamodb", "events", "lambda", "s3", "secretsmanager", "sns", "sqs", "stepfunctions"}
"""What the functions ask of AWS. botocore describes 400 more services, in 26 MB."""
ON_LAMBDA = "/opt/python"
UNCHECKED = "unchecked-hash"


def build(layer: str, target: Path) -> None:
    """Make `target`, which is the layer's folder `python`. Raises SystemExit with what failed."""
    target.mkdir(parents=True, exist_ok=True)
    if layer == "core":
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE / "core" / "budget_monitor", target / "budget_monitor", ignore=ignored)
    else:
        _install(HERE / layer / "requirements.txt", target)
        _leave_out(target)
    _compile(layer, target)


def _install(requirements: Path, target: Path) -> None:
    command = [*_uv(), "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    platform = os.environ.get("LAYER_PLATFORM", PLATFORM)
    if platform:
        command += ["--python-platform", platform]
    command += ["--python", sys.executable, "--python-version", _python()]
    _run([*command, "--target", str(target), "--requirement", str(requirements)])


def _leave_out(target: Path) -> None:
    """Delete what no function uses: commands, and descriptions of AWS services not called."""
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)
    services = target / "botocore" / "data"
    for described in services.iterdir() if services.is_dir() else ():
        if described.is_dir() and described.name not in SERVICES:
            shutil.rmtree(described)


def _compile(layer: str, target: Path) -> None:
    compiler = _compiler(_python())
    if compiler is None:
        sys.stderr.write(f"{layer}: not compiled, no Python {_python()} was found\n")
        return
    command = [compiler, "-m", "compileall", "-q", "--invalidation-mode", UNCHECKED]
    _run([*command, "-s", str(target), "-p", ON_LAMBDA, str(target)])


def _compiler(version: str) -> str | None:
    """An interpreter of that version that runs, or None."""
    return next((one for one in _interpreters(version) if _is(one, version)), None)


def _interpreters(version: str) -> Iterator[str]:
    yield os.environ.get("LAYER_COMPILER", "")
    yield sys.executable
    yield shutil.which(f"python{version}") or ""
    for place in (*_pyenv(), Path.home() / ".local/share/uv/python"):
        for found in sorted(place.glob(f"*{version}*/bin/python{version}")):
            yield str(found)


def _pyenv() -> Iterator[Path]:
    """Folders where pyenv keeps its interpreters, also those that it has not put on the PATH.

    Each shim of pyenv lies in `shims`, beside `versions`. It is found without HOME.
    """
    if os.environ.get("PYENV_ROOT"):
        yield Path(os.environ["PYENV_ROOT"]) / "versions"
    yield Path.home() / ".pyenv/versions"
    for command in ("pyenv", "python3", "python"):
        found = shutil.which(command)
        if found:
            yield Path(found).parent.with_name("versions")
    yield Path(sys.base_prefix).parent


def _is(interpreter: str, version: str) -> bool:
    if not interpreter:
        return False
    say = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [interpreter, "-c", say]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return False
    return done.stdout.strip() == version


def _python() -> str:
    return os.environ.get("LAYER_PYTHON") or PYTHON


def _uv() -> list[str]:
    """The command of uv: of this environment, or on the PATH."""
    found = shutil.which(
        "uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    if found is None:
        sys.exit('uv was not found: put this project\'s on the PATH, PATH="$PWD/.venv/bin:$PATH"')
    return [found]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}".strip())


if __name__ == "__main__":
    build(sys.argv[1], Path(sys.argv[2]).resolve())
