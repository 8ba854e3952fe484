"""What the documents say exists, and what exists the documents say."""

import re

import pytest
from django.urls import resolve

from spark_jobs.options import build_parser
from spark_jobs.validate import REASONS
from tests.targets import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = [ROOT / "aws_deployment" / name for name in ("START_HERE.md", "📖_从这里开始.md")]
DOCUMENTS = [ROOT / "README.md", *GUIDES]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_every_variable_of_the_settings_is_in_the_example_and_the_other_way_round():
    settings = (ROOT / "recsys" / "settings.py").read_text()
    read = set(re.findall(r'env\.(?:text|boolean|integer|listing|secret)\("(\w+)"', settings))
    secrets = set(re.findall(r'env\.secret\("(\w+)"', settings))
    read |= {f"{name}_FILE" for name in secrets}
    example = (ROOT / ".env.example").read_text()
    listed = set(re.findall(r"^#? ?([A-Z][A-Z_]+)(?:=| {2,})", example, flags=re.MULTILINE))
    assert listed - {"MOVIELENS_DIR"} == read


def test_every_option_of_the_job_is_in_the_readme_and_the_other_way_round():
    options = {
        option
        for action in build_parser()._actions
        for option in action.option_strings
        if option not in ("-h", "--help")
    }
    table = README.split("## The job, here and on a cluster")[1].split("##")[0]
    assert set(re.findall(r"^\| `(--[\w-]+)", table, flags=re.MULTILINE)) == options


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_option_and_file_of_a_command_exists(document):
    known = {option for action in build_parser()._actions for option in action.option_strings}
    others = {"--py-files", "--bind", "--noinput"}
    for block in blocks(document.read_text(encoding="utf-8"), "sh"):
        assert set(re.findall(r"(?<=\s)--[\w-]+", block)) <= known | others
        for path in re.findall(r"(?:bin|spark_jobs|requirements)[\w/.-]*\.(?:py|txt)", block):
            assert (ROOT / path).exists(), path


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


def test_every_reason_code_is_explained():
    assert all(REASONS.values())


def test_no_document_names_a_host_of_a_package_registry():
    hosts = ("pypi" + ".org", "repo1." + "maven", "deb." + "debian.org", "registry." + "npmjs")
    for document in DOCUMENTS:
        assert not any(host in document.read_text(encoding="utf-8") for host in hosts)
