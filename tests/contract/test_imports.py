"""Who may import whom, inside functions and for type checkers too, and that nobody goes in circles.

The tables are the rules: one line a package or module, the longest that fits a module counts.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("app", "recsys", "spark_jobs", "aws_deployment", "datasets")

SPARK = {"pyspark", "py4j"}
ARROW = {"numpy", "pyarrow", "scipy"}
SITE = SPARK | ARROW | {"spark_jobs", "boto3"}
JOB = {"django", "app", "recsys", "dotenv"}
FORBIDDEN = {
    "app": SITE | {"recsys"},
    "recsys": SITE,
    "spark_jobs": JOB,
    "aws_deployment": JOB - {"dotenv"} | SPARK | ARROW,
    "datasets": JOB | SITE - {"numpy"},
}
"""Package -> what it never imports."""

LAYERS = (
    "console contract errors gate.thresholds revision signals timeline",
    "input.formats",
    "input",
    "model",
    "evaluation",
    "run_report session",
    "store",
    "explain gate options progress",
    "steps model_steps",
    "spark_emr",
    "local",
)
"""The job's modules, lowest layer first: each imports of its own layer and of those before it."""

STDLIB_ONLY = {
    "spark_jobs.console",
    "spark_jobs.contract",
    "spark_jobs.errors",
    "spark_jobs.gate.thresholds",
    "spark_jobs.input.formats.columns",
    "spark_jobs.input.formats.ids",
    "spark_jobs.input.formats.input_options",
    "spark_jobs.input.formats.scale",
    "spark_jobs.model.recommendations.config",
    "spark_jobs.options",
    "spark_jobs.revision",
    "spark_jobs.signals",
    "spark_jobs.store.address",
    "spark_jobs.store.credentials",  # but for boto3, where a secret is read
    "spark_jobs.store.address_options",
    "spark_jobs.timeline",
}
"""Modules of the job that need no package: of these alone the deployment imports any."""

SHARED_BY_COMMANDS = ("account", "errors", "waiting")
DEPLOYMENT = {
    "machine": {"machine"},  # it runs where no boto3 is
    "emr": {*SHARED_BY_COMMANDS, "package_job", "upload", "emr"},
    "resources": {*SHARED_BY_COMMANDS, "upload", "emr", "resources"},
}
"""Package of the deployment -> the modules and packages of it that its modules may import."""

ALLOWED = {
    "models": {"models"},
    "catalogue": {"catalogue"},
    "runs": {"models", "runs"},
    "curation": {"models", "runs", "curation"},
    "web": {"models", "catalogue", "web"},
    "serving": {"models", "catalogue", "web", "serving"},
    "api": {"models", "catalogue", "web", "serving", "api"},
    "pages": {"catalogue", "web", "serving", "api", "pages"},
    "templatetags": {"catalogue", "web", "pages", "templatetags"},
    "ops": {"catalogue", "web", "serving", "pages", "ops"},
    "admin": {"models", "catalogue", "runs", "curation", "serving", "admin"},
    "management": {"models", "catalogue", "runs", "curation"},
}
"""Package of the site -> the packages of the site that its modules may import."""
ALSO_ALLOWED = {"app.catalogue.loader": {"models"}, "app.pages.runs.details": {"runs"}}
"""Module -> what it may import beside what its package may."""


def modules() -> dict[str, Path]:
    """Name of a module -> its file."""
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    paths = ((file, file.relative_to(ROOT).with_suffix("")) for file in files)
    return {".".join(path.parts).removesuffix(".__init__"): file for file, path in paths}


MODULES = modules()


def imports(module: str) -> Iterator[str]:
    """All that a module imports anywhere in it, as modules or as names in modules."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{module}: relative imports hide where they lead"
            assert not node.level, f"{module}: relative imports hide where they lead"
            names = (f"{node.module}.{name.name}" for name in node.names)
            yield from (name if name in MODULES else node.module for name in names)


IMPORTS = {module: set(imports(module)) for module in MODULES}


def of(package: str) -> list[str]:
    """The modules of a top-level package."""
    return [module for module in MODULES if module.split(".")[0] == package]


def layer(module: str) -> int:
    """The number of the layer that a module of the job belongs to."""
    inside = module.removeprefix("spark_jobs.") + "."
    fitting = [
        (len(name), number)
        for number, names in enumerate(LAYERS)
        for name in names.split()
        if inside.startswith(f"{name}.")
    ]
    assert fitting, f"{module} has no layer"
    return max(fitting)[1]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_that_is_forbidden_to_it(package):
    assert of(package)
    for module in of(package):
        assert not {name.split(".")[0] for name in IMPORTS[module]} & FORBIDDEN[package], module


@pytest.mark.parametrize("package", sorted({name.rpartition(".")[0] for name in MODULES} - {""}))
def test_nothing_in_a_package_imports_itself_by_way_of_others(package):
    """Its modules and packages, each with all that is in it, so this holds for all modules."""
    graph: dict[str, set[str]] = {}
    for module in (name for name in MODULES if name.startswith(f"{package}.")):
        entry = _entry(package, module)
        others = {_entry(package, name) for name in IMPORTS[module]} - {entry, ""}
        graph.setdefault(entry, set()).update(others)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def _entry(package: str, module: str) -> str:
    """The module or package directly in this package that a module is of; empty for others."""
    inside = module.startswith(f"{package}.")
    return module.removeprefix(f"{package}.").split(".")[0] if inside else ""


def names_in(file: Path) -> Iterator[str]:
    """All that a file imports, each name behind its module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{name.name}" for name in node.names)


def test_nothing_is_imported_from_a_test_module():
    """What tests share stands in a plain module beside them."""
    files = [file for folder in ("tests", "benchmarks") for file in (ROOT / folder).rglob("*.py")]
    in_test_module = re.compile(r"(tests|)\.(.+\.|)test_")
    named = [(file, name) for file in files for name in names_in(file)]
    assert len(named) > 1_000
    assert [(str(file), name) for file, name in named if in_test_module.match(name)] == []


def test_a_deployer_reads_one_file():
    assert [name for name in of("recsys") if "recsys.env" in IMPORTS[name]] == ["recsys.settings"]


def test_the_job_imports_only_from_the_layers_below():
    upwards = [
        f"{module} imports {name}"
        for module in of("spark_jobs")
        for name in IMPORTS[module] & set(of("spark_jobs"))
        if module != "spark_jobs" and name != "spark_jobs" and layer(name) > layer(module)
    ]
    assert not upwards


@pytest.mark.parametrize("module", sorted(STDLIB_ONLY))
def test_what_the_deployment_shares_needs_nothing_but_the_standard_library(module):
    allowed = {"boto3", "botocore"} if module == "spark_jobs.store.credentials" else set()
    for name in IMPORTS[module]:
        top = name.split(".")[0]
        assert name in STDLIB_ONLY | {"spark_jobs"} | allowed or top in sys.stdlib_module_names | (
            allowed
        ), name


def test_the_deployment_imports_of_the_job_only_what_needs_no_package():
    for module in of("aws_deployment"):
        job = {name for name in IMPORTS[module] if name.split(".")[0] == "spark_jobs"}
        assert job <= STDLIB_ONLY, module


@pytest.mark.parametrize("package", DEPLOYMENT)
def test_a_package_of_the_deployment_imports_only_what_it_may(package):
    inside = [module for module in of("aws_deployment") if module.split(".")[1:2] == [package]]
    assert inside
    for module in inside:
        imported = {
            name.split(".")[1]
            for name in IMPORTS[module] & set(of("aws_deployment"))
            if "." in name
        }
        assert imported <= DEPLOYMENT[package], module


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("aws_deployment.deploy", SPARK | ARROW | {"django"}),
        # What a worker imports for the pass over the ratings, before it can begin.
        ("spark_jobs.model.aggregation.aggregate", {"scipy"}),
    ],
)
def test_what_starts_often_starts_light(module, heavy):
    loads = f"import {module}, sys; print(*({heavy!r} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_boto3_is_imported_where_a_secret_is_read_and_nowhere_else_in_the_job():
    users = [
        module
        for module in of("spark_jobs")
        if {"boto3", "botocore"} & {name.split(".")[0] for name in IMPORTS[module]}
    ]
    assert users == ["spark_jobs.store.credentials"]


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_of_the_site_imports_only_what_it_may(package):
    inside = [module for module in of("app") if module.split(".")[1:2] == [package]]
    assert inside
    for module in inside:
        imported = {name.split(".")[1] for name in IMPORTS[module] & set(of("app")) if "." in name}
        assert imported <= ALLOWED[package] | ALSO_ALLOWED.get(module, set()), module


def test_every_package_of_the_site_has_its_rule():
    packages = {module.split(".")[1] for module in of("app") if "." in module}
    assert packages - {"migrations", "apps"} == ALLOWED.keys()


def test_what_runs_and_curation_do_on_the_command_line_loads_nothing_of_the_web():
    code = (
        "import django, sys; django.setup(); "
        "import app.management.commands.runs, app.management.commands.curation; "
        "print(*[name for name in sys.modules if name.startswith('app.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "recsys.settings", "ENV_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[1] for name in done.stdout.split()}
    assert not loaded & {"web", "serving", "api", "pages"}


def test_the_catalogue_needs_nothing_but_the_standard_library():
    for module in of("app"):
        if module.startswith("app.catalogue."):
            packages = {name.split(".")[0] for name in IMPORTS[module]} - {"app"}
            django = {"django"} if module in ALSO_ALLOWED else set()
            assert packages <= sys.stdlib_module_names | django, module
