"""Section: CPU time of imports and of the first answer, in fresh processes with compiled code."""

from __future__ import annotations

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.bench.cpu.hot_path import CHECK, RECORD, recorded
from local.bench.progress import counted
from local.settings import ROOT

BASE = "boto3 and Logger"
HEAD = """
import sys, time
before = time.process_time()
"""
OURS = (
    HEAD
    + """
from functions.{function}.app import lambda_handler
loaded = time.process_time()
{canned}
lambda_handler({event}, None)
print(loaded - before, time.process_time() - before, file=sys.stderr)
"""
)
RAW = (
    HEAD
    + """
import boto3
from aws_lambda_powertools import Logger
logger = Logger(service="bench")
loaded = time.process_time()
{canned}
boto3.client("dynamodb").{call}(**{request})
logger.info("done")
print(loaded - before, time.process_time() - before, file=sys.stderr)
"""
)
CANNED = """
import pickle
from local.bench.cpu.canned import answer_from
answer_from(pickle.load(open({path!r}, "rb")))
"""


def scripts(folder: Path) -> tuple[dict[str, str], Mapping[str, str]]:
    """Return the script of each program, and the environment in which they run."""
    found = recorded()
    path = folder / "answers"
    path.write_bytes(pickle.dumps(found.answers))
    canned = CANNED.format(path=str(path))
    check = found.cases[0]
    raw = RAW.format(canned=canned, call="batch_get_item", request=repr(check.request))
    ours = {
        name: OURS.format(function=name, canned=canned, event=repr(event))
        for name, event in (("checking", CHECK), ("tracking", RECORD))
    }
    return {BASE: raw, **ours}, found.environment


def timed(script: str, environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the milliseconds of the imports, and those up to the first answer."""
    variables = {k: v for k, v in environment.items() if k != "PYTHONDONTWRITEBYTECODE"}
    variables["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "core")])
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    loaded, answered = done.stderr.strip().splitlines()[-1].split()
    return 1000 * float(loaded), 1000 * float(answered)


def measured(rounds: int) -> dict[str, Any]:
    """Return medians of interleaved fresh processes; the first of each compiles and is left out."""
    with tempfile.TemporaryDirectory() as name:
        programs, environment = scripts(Path(name))
        found: dict[str, list[tuple[float, float]]] = {one: [] for one in programs}
        for script in programs.values():
            timed(script, environment)
        for _ in counted(range(rounds), "starts of fresh processes"):
            for one, script in programs.items():
                found[one].append(timed(script, environment))
    figures = {}
    for one, times in found.items():
        imports, answers = (statistics.median(each) for each in zip(*times, strict=True))
        figures[one] = {"import_ms": round(imports), "first_answer_ms": round(answers)}
    return figures
