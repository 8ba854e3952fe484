"""What the documents say exists, and what exists the documents say."""

import argparse
import importlib.util
import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from aws_deployment.arguments import build_parser as deploy_parser
from spark_jobs.input.rejection import REASONS
from spark_jobs.options import build_parser
from tests.support.targets import ROOT
from tests.system.guide import DUMP, OPTION_FILE, RESTORE

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = [ROOT / "aws_deployment" / name for name in ("START_HERE.md", "📖_从这里开始.md")]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *GUIDES,
    *(ROOT / "docs").glob("*.md"),
]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_every_variable_of_the_settings_is_in_the_example_and_the_other_way_round():
    settings = (ROOT / "recsys" / "settings.py").read_text()
    read = set(
        re.findall(r'env\.(?:text|boolean|integer|listing|address|secret)\("(\w+)"', settings)
    )
    secrets = set(re.findall(r'env\.secret\("(\w+)"', settings))
    read |= {f"{name}_FILE" for name in secrets}
    example = (ROOT / ".env.example").read_text()
    listed = set(re.findall(r"^#? ?([A-Z][A-Z_]+)(?:=| {2,})", example, flags=re.MULTILINE))
    assert listed - {"MOVIELENS_DIR"} == read


def test_every_option_of_the_job_is_in_its_page_and_the_other_way_round():
    options = {
        option
        for action in build_parser()._actions
        for option in action.option_strings
        if option not in ("-h", "--help")
    }
    table = (ROOT / "docs" / "job.md").read_text().split("## Options")[1].split("##")[0]
    assert set(re.findall(r"^\| `(--[\w-]+)", table, flags=re.MULTILINE)) == options


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command in the blocks of a document, what it feeds to others left out."""
    for block in blocks(text, "sh"):
        block = re.sub(r"<<(\w+)\n.*?\n\1\n", "\n", block, flags=re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.split(" && "):
                if words := shlex.split(part.removeprefix("sudo "), comments=True):
                    yield words


def check_options(known: set[str], words: list[str]) -> None:
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert given <= known, given - known


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    return {option for action in parser._actions for option in action.option_strings}


def options_in(path: str) -> set[str]:
    return set(re.findall(r"--[a-z-]+", (ROOT / path).read_text(encoding="utf-8")))


def check_python(words: list[str]) -> None:
    if words[:2] == ["-m", "venv"]:
        return
    if words[0] == "manage.py":
        apps = get_commands()
        app = apps[words[1]]
        command = load_command_class(app, words[1]) if isinstance(app, str) else app
        command.create_parser("manage.py", words[1]).parse_args(words[2:])
    elif words[0] == "-c":
        compile(words[1], "-c", "exec")
    else:
        assert words[0] == "-m" and importlib.util.find_spec(words[1]), words


JOB = options_of(build_parser())
CHECKS: dict[str, Callable[[list[str]], object]] = {
    "bin/deploy": lambda words: deploy_parser().parse_args(words),
    "bin/demo": lambda words: check_options(options_in("bin/demo") | JOB, words),
    "bin/test": lambda words: check_options(options_in("bin/test"), words),
    "bin/job": lambda words: check_options(JOB, words),
    "spark-submit": lambda words: check_options(JOB | {"--py-files"}, words),
    "gunicorn": lambda words: check_options({"--bind", "--config"}, words),
    "recsys-manage": lambda words: check_python(["manage.py", *words]),
    "python": check_python,
    "python3": check_python,
}
"""Command -> how its words are checked; exits or fails where one of them does not exist."""
RUN_ELSEWHERE = set("aws output() output bash mysqldump mysql tail cat".split())
"""Their blocks are run word for word: tests/deployment/test_guide.py, test_recovery.py."""
OF_THE_SYSTEM = set("cp . pip set umask curl git cd export sed systemctl".split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_with_its_options_exists(document):
    for name, *words in commands(document.read_text(encoding="utf-8")):
        if name in CHECKS:
            CHECKS[name](words)
        elif name.endswith("ec2_setup.sh"):
            check_options(options_in("aws_deployment/ec2_setup.sh"), words)
        else:
            assert name in RUN_ELSEWHERE | OF_THE_SYSTEM or "=" in name, (name, words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_of_a_command_exists(document):
    for block in blocks(document.read_text(encoding="utf-8"), "sh"):
        for path in re.findall(
            r"(?:bin|spark_jobs|aws_deployment|requirements)[\w/.-]*\.(?:py|txt|sh|yaml)", block
        ):
            assert (ROOT / path).exists(), path


def test_the_workflow_takes_a_role_by_oidc_and_its_commands_exist():
    text = (ROOT / "docs" / "deploy-from-ci.md").read_text(encoding="utf-8")
    (policy,), (workflow,) = blocks(text, "json"), blocks(text, "yaml")
    (trust,) = json.loads(policy)["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    (subject,) = (
        value for key, value in trust["Condition"]["StringEquals"].items() if key.endswith(":sub")
    )
    job = yaml.safe_load(workflow)["jobs"]["deploy"]
    assert subject.endswith(f":environment:{job['environment']}") and "*" not in subject
    assert yaml.safe_load(workflow)["permissions"]["id-token"] == "write"
    assert "aws_secret" not in workflow.lower()
    for step in job["steps"]:
        if "run" in step:
            name, *words = shlex.split(step["run"])
            CHECKS[name](words)


@pytest.mark.parametrize("text", [OPTION_FILE, DUMP, RESTORE])
def test_the_guides_dump_and_restore_as_it_is_tested(text):
    for guide in GUIDES:
        assert text.strip() in guide.read_text(encoding="utf-8")


@pytest.mark.parametrize("address", re.findall(r"curl 'http://127.0.0.1:8000(/[^'?]*)", README))
def test_every_address_of_the_readme_exists(address):
    assert resolve(address)


def test_the_two_guides_have_the_same_commands():
    english, chinese = (guide.read_text(encoding="utf-8") for guide in GUIDES)
    for language in ("sh", "sql"):
        assert blocks(english, language) == blocks(chinese, language) != []
    assert english.count("\n## ") == chinese.count("\n## ")


def test_every_link_between_the_documents_leads_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), target


FOLDERS = ("app", "aws_deployment", "benchmarks", "datasets", "recsys", "spark_jobs", "tests")
MODULES = [path.relative_to(ROOT) for top in FOLDERS for path in (ROOT / top).rglob("*.py")]


def test_every_module_that_a_document_names_exists():
    for document in DOCUMENTS:
        if document.name != "CHANGELOG.md":  # which names what there was
            text = document.read_text(encoding="utf-8")
            for name in re.findall(r"(?<![\w/.])(?:\w+/)+[a-z]\w*\.py\b", text):
                assert _named(name), (document, name)


def test_every_module_that_another_one_names_exists():
    """By its file alone where it is beside it, by so much of its path that no other is meant."""
    for module in MODULES:
        for name in re.findall(r"`((?:\w+/)*\w+\.py)\b", (ROOT / module).read_text()):
            is_beside = module.parent / name in MODULES
            is_clear = "/" in name and len(_named(name)) == 1
            assert is_beside or is_clear or (ROOT / name).exists(), (module, name)


def _named(name: str) -> list[Path]:
    return [module for module in MODULES if f"/{module}".endswith(f"/{name}")]


def test_every_reason_code_is_explained():
    assert all(REASONS.values())


def test_no_document_names_a_host_of_a_package_registry():
    hosts = ("pypi" + ".org", "repo1." + "maven", "deb." + "debian.org", "registry." + "npmjs")
    for document in DOCUMENTS:
        assert not any(host in document.read_text(encoding="utf-8") for host in hosts)
