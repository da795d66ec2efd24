"""Section: CPU time of imports and of the first answer, in fresh processes with compiled code."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from local.bench.cpu.hot_path import CHECK, RECORD, Recorded, recorded
from local.bench.cpu.loopback import served
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
boto3.client("dynamodb").{call}(**{request})
logger.info("done")
print(loaded - before, time.process_time() - before, file=sys.stderr)
"""
)


def scripts(found: Recorded) -> dict[str, str]:
    """Return the script of each program."""
    check = found.cases[0]
    raw = RAW.format(call="batch_get_item", request=repr(check.request))
    ours = {
        name: OURS.format(function=name, event=repr(event))
        for name, event in (("checking", CHECK), ("tracking", RECORD))
    }
    return {BASE: raw, **ours}


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


def in_turn(names: list[str], number: int) -> list[str]:
    """Return the names, each round with another one first: places have times of their own."""
    place = number % len(names)
    return names[place:] + names[:place]


def measured(rounds: int) -> dict[str, Any]:
    """Return medians of interleaved fresh processes; the first of each compiles and is left out."""
    known = recorded()
    programs = scripts(known)
    found: dict[str, list[tuple[float, float]]] = {one: [] for one in programs}
    with served(known.answers) as address:
        environment = {**known.environment, "AWS_ENDPOINT_URL": address}
        for script in programs.values():
            timed(script, environment)
        for number in counted(range(rounds), "starts of fresh processes"):
            for one in in_turn(list(programs), number):
                found[one].append(timed(programs[one], environment))
    figures = {}
    for one, times in found.items():
        imports, answers = (statistics.median(each) for each in zip(*times, strict=True))
        figures[one] = {"import_ms": round(imports), "first_answer_ms": round(answers)}
    return figures
