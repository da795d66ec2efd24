"""What `make build` makes is what Lambda can run: inspected as it ships, not as it is written."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.settings import STATE, TEMPLATE
from local.stack import build
from local.stack.bundle import archive
from local.stack.template import Type, load
from tests.support.paths import ROOT
from tests.support.template.grants import granted

pytestmark = pytest.mark.xdist_group("artefact")  # built once, by one worker
AARCH64 = 183
"""The machine's number in an ELF header."""
HOT = ("CoreLayer", "DependenciesLayer")
LAYERS = (*HOT, "PagesLayer")
MAX_UNPACKED_MB, MAX_LAYER_MB, MAX_FUNCTION_KB = 60, 20, 4
MAX_PAGES_UNPACKED_MB = 90
"""Lambda takes 250 MB unpacked, and a cold start reads all of it."""
FUNCTIONS = [
    name for name, one in load(TEMPLATE)["Resources"].items() if one["Type"] == Type.FUNCTION
]
IMPORT = """
import importlib, json, pkgutil, sys
for folder in sys.argv[1:]:
    sys.path.insert(0, folder)
    import app
    assert callable(app.lambda_handler) and app.__file__.startswith(folder)
    sys.path.remove(folder)
    del sys.modules["app"]
import boto3, budget_monitor, genai_prices
found = [m.name for m in pkgutil.walk_packages(budget_monitor.__path__, "budget_monitor.")]
for name in found:
    importlib.import_module(name)
for service in boto3.Session().get_available_services():
    boto3.client(service, region_name="eu-central-1")
usage = genai_prices.Usage(input_tokens=1000)
assert genai_prices.calc_price(usage, model_ref="gpt-4o", provider_id="openai").total_price > 0
files = sorted({getattr(m, "__file__", None) or "" for m in list(sys.modules.values())})
print(json.dumps({"modules": len(found), "files": files}))
"""


def script() -> Any:
    """The builder of the layers, which no package holds."""
    spec = importlib.util.spec_from_file_location("layers_build", ROOT / "layers" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = script()
COMPILER: str | None = SCRIPT._compiler(build.AWS.python)  # noqa: SLF001 - the builder's own search
NO_3_13 = "no Python 3.13 on the PATH, in PYENV_ROOT, ~/.pyenv or ~/.local/share/uv/python"


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make build` makes; layers that were built before are not built again."""
    folder = tmp_path_factory.mktemp("artefact") / "build"
    build.build(TEMPLATE, folder, build.AWS, STATE / "cache")
    return folder


def shared_objects(artefact: Path) -> list[Path]:
    return sorted(artefact.rglob("*.so*"))


def test_every_compiled_module_is_for_arm64_and_python_3_13(artefact: Path) -> None:
    found = shared_objects(artefact)
    assert any("pydantic_core" in one.name for one in found), "prices need it"
    for one in found:
        header = one.read_bytes()[:20]
        assert header[:4] == b"\x7fELF", one.name
        assert struct.unpack("<H", header[18:20]) == (AARCH64,), one.name
        assert re.search(r"\.(cpython-313-aarch64-linux-gnu|abi3)\.so", one.name), one.name


def test_the_template_of_the_artefact_names_only_what_is_in_it(artefact: Path) -> None:
    made = load(artefact / "template.yaml")
    for name, one in made["Resources"].items():
        properties = one.get("Properties", {})
        for uri in {"CodeUri", "ContentUri"} & properties.keys():
            assert (artefact / properties[uri]).is_dir(), name
        if "DefinitionUri" in properties:
            assert (artefact / properties["DefinitionUri"]).is_file(), name
    written = load(TEMPLATE)
    assert made["Resources"].keys() == written["Resources"].keys()
    assert {one: made[one] for one in made if one != "Resources"} == {
        one: written[one] for one in written if one != "Resources"
    }


def test_a_layer_is_for_the_architecture_of_the_functions() -> None:
    written = load(TEMPLATE)
    (architecture,) = written["Globals"]["Function"]["Architectures"]
    assert architecture == "arm64"
    assert SCRIPT.PLATFORM == build.AWS.platform == "aarch64-manylinux2014"
    assert f"python{SCRIPT.PYTHON}" == written["Globals"]["Function"]["Runtime"]
    for one in written["Resources"].values():
        if one["Type"] == Type.LAYER:
            assert one["Metadata"] == {"BuildMethod": "makefile"}
            assert one["Properties"]["CompatibleArchitectures"] == [architecture]


def test_the_makefile_of_sam_build_builds_every_layer_of_the_template() -> None:
    targets = set(
        re.findall(r"^build-(\w+):", (ROOT / "layers" / "Makefile").read_text(), re.MULTILINE)
    )
    resources = load(TEMPLATE)["Resources"].items()
    assert targets == {n for n, one in resources if one["Type"] == Type.LAYER}


def test_every_function_is_its_app_alone_and_small(artefact: Path) -> None:
    for name in FUNCTIONS:
        assert [one.name for one in (artefact / name).iterdir()] == ["app.py"]
        assert len(archive(artefact / name)) < MAX_FUNCTION_KB * 1024


def test_the_sizes_are_bounded(artefact: Path) -> None:
    for layers, most in ((HOT, MAX_UNPACKED_MB), (LAYERS, MAX_PAGES_UNPACKED_MB)):
        folders = [artefact / one for one in layers]
        files = [one for layer in folders for one in layer.rglob("*") if one.is_file()]
        assert sum(one.stat().st_size for one in files) < most * 1e6


@pytest.mark.thorough
def test_the_size_of_a_layers_archive_is_bounded(artefact: Path) -> None:
    for one in LAYERS:
        assert len(archive(artefact / one)) < MAX_LAYER_MB * 1e6


def test_only_the_pages_have_the_libraries_of_pages(artefact: Path) -> None:
    made = load(artefact / "template.yaml")["Resources"]
    with_pages = {
        name
        for name in FUNCTIONS
        if {"Ref": "PagesLayer"} in made[name]["Properties"].get("Layers", [])
    }
    assert with_pages == {"ApprovingFunction", "DashboardFunction"}
    for layer in HOT:
        assert not [one.name for one in artefact.glob(f"{layer}/python/{{jinja2,pygal,jwt}}")]


def test_the_templates_of_pages_ship_with_the_code(artefact: Path) -> None:
    where = "budget_monitor/entrypoints/dashboard/templates"
    written = {one.name for one in (ROOT / "layers" / "core" / where).iterdir()}
    assert {one.name for one in (artefact / "CoreLayer" / "python" / where).iterdir()} == written
    assert {"base.html", "style.css", "tenant.html"} <= written


def test_every_module_is_compiled_and_its_bytecode_is_never_checked_against_a_time(
    artefact: Path,
) -> None:
    if COMPILER is None:
        pytest.skip(f"{NO_3_13}: the build compiled nothing, and said so")
    sources = [one for one in artefact.glob("*Layer/**/*.py") if one.parts[-2] != "templates"]
    assert len(sources) > 500
    for one in sources:
        compiled = one.parent / "__pycache__" / f"{one.stem}.cpython-313.pyc"
        assert compiled.exists(), one
        assert struct.unpack("<I", compiled.read_bytes()[4:8]) == (1,), "unchecked hash"


def test_without_a_compiler_the_build_says_that_nothing_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAYER_PYTHON", "3.99")
    SCRIPT.build("core", tmp_path / "python")
    assert capsys.readouterr().err == "core: not compiled, no Python 3.99 was found\n"
    assert (tmp_path / "python" / "budget_monitor" / "config.py").is_file()


@pytest.mark.parametrize("known_by", ["PYENV_ROOT", "HOME", "PATH"])
def test_an_interpreter_that_pyenv_keeps_off_the_path_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_by: str
) -> None:
    root = tmp_path / ".pyenv"
    kept, shim = root / "versions" / "3.97.1" / "bin" / "python3.97", root / "shims" / "python3"
    for path, answer in ((kept, "echo 3.97"), (shim, "exit 127")):
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{answer}\n")
        path.chmod(0o755)
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", "/nothing")
    assert SCRIPT._compiler("3.97") is None  # noqa: SLF001 - the builder's own search
    leads = {"PYENV_ROOT": root, "HOME": tmp_path, "PATH": shim.parent}[known_by]
    monkeypatch.setenv(known_by, str(leads))
    assert SCRIPT._compiler("3.97") == str(kept)  # noqa: SLF001 - the same


def test_a_library_whose_hash_is_not_the_locked_one_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = tmp_path / "requirements.txt"
    locked.write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("LAYER_PLATFORM", "")
    with pytest.raises(SystemExit, match=r"(?i)hash"):
        SCRIPT._install(locked, tmp_path / "python")  # noqa: SLF001 - the step that checks
    locked.write_text("six==1.17.0\n")
    with pytest.raises(SystemExit, match=r"(?i)hash"):
        SCRIPT._install(locked, tmp_path / "python")  # noqa: SLF001 - the same


def test_botocore_describes_every_service_that_a_role_may_ask_and_no_other(artefact: Path) -> None:
    prefixes = {action.partition(":")[0] for _, action, _ in granted()}
    asked = {{"states": "stepfunctions"}.get(one, one) for one in prefixes}
    data = artefact / "DependenciesLayer" / "python" / "botocore" / "data"
    described = {one.name for one in data.iterdir() if one.is_dir()}
    assert described == asked == SCRIPT.SERVICES


def compiled_for_this_machine(artefact: Path, to: Path) -> Path:
    """The locked libraries of the artefact that have compiled modules, for this processor."""
    records = [
        one for one in artefact.glob("*Layer/*/*.dist-info/RECORD") if ".so," in one.read_text()
    ]
    names = {one.parent.name.partition("-")[0].replace("_", "-") for one in records}
    locks = [ROOT / "layers" / one / "requirements.txt" for one in ("dependencies", "pages")]
    locked = [f"{one}\n" for lock in locks for one in re.split(r"\n(?=\S)", lock.read_text())]
    to.mkdir()
    wanted = to / "requirements.txt"
    wanted.write_text("".join(one for one in locked if one.partition("==")[0] in names))
    command = [*SCRIPT._uv(), "pip", "install", "--quiet", "--no-deps"]  # noqa: SLF001 - as the builder
    command += ["--require-hashes", "--only-binary", ":all:", "--python", sys.executable]
    command += ["--python-version", build.AWS.python, "--target", str(to), "-r", str(wanted)]
    subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our environment's uv
    return to


def shipped(artefact: Path, target: build.Target, folder: Path) -> tuple[Path, list[Path]]:
    """Where the functions lie, and what stands before the layers on the path."""
    if target == build.AWS:
        return artefact, [compiled_for_this_machine(artefact, folder / "compiled")]
    build.build(TEMPLATE, folder / "build", target, STATE / "cache")
    return folder / "build", []


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(build.HERE, id="here", marks=[pytest.mark.thorough] if COMPILER else []),
        pytest.param(build.AWS, id="3.13"),
    ],
)
def test_every_function_is_imported_with_its_zip_and_the_layers_alone(
    target: build.Target, tmp_path: Path, artefact: Path
) -> None:
    interpreter = sys.executable if target == build.HERE else COMPILER
    if interpreter is None:
        pytest.skip(f"{NO_3_13}: imports were tried with this Python alone")
    built, before = shipped(artefact, target, tmp_path)
    layers = [*before, *(built / one / "python" for one in LAYERS)]
    folders = [str(built / name) for name in FUNCTIONS]
    done = subprocess.run(  # noqa: S603 - an interpreter of this machine
        [interpreter, "-B", "-S", "-s", "-P", "-c", IMPORT, *folders],
        env={
            "PYTHONPATH": os.pathsep.join(map(str, layers)),
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["modules"] > 100
    assert [one for one in said["files"] if "site-packages" in one] == []
