"""The page for people with other data: its examples, run as they stand."""

import re
import shlex

import pytest

from spark_jobs.input.formats.ids import code_of, movie_number
from tests.support.targets import ROOT

PAGE = (ROOT / "docs" / "your-own-ratings.md").read_text(encoding="utf-8")
EXAMPLES = {
    title: PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    for title in ("Books, in Book-Crossing's form", "Anime, 1 to 10", "A shop's log")
}
BOOKS, ANIME, SHOP = EXAMPLES.values()


@pytest.fixture
def run_example(run_job, tmp_path):
    """Write the files of an example and run its command, into `target` instead of dry."""

    def run(example, target, *more):
        (command,) = re.findall(r"```sh\n(bin/job .*?)```", example, flags=re.DOTALL)
        _, _, folder, *arguments = shlex.split(command.replace("\\\n", " "))
        (tmp_path / folder).mkdir(exist_ok=True)
        for name, text in re.findall(r"`([\w.-]+)`:\n\n```csv\n(.*?)```", example, re.DOTALL):
            (tmp_path / folder / name).write_text(text, encoding="utf-8")
        arguments.remove("--dry-run")
        outcome = run_job(tmp_path / folder, target, *arguments, "--max-rejected", "0", *more)
        assert outcome.status == 0, outcome.err
        return outcome

    return run


def titles(outcome):
    return [(row["title"], row["year"], row["avg_rating"]) for row in outcome.summary["top"]]


def test_books(run_example, target, tmp_path):
    outcome = run_example(BOOKS, target, "--id-table", str(tmp_path / "ids.csv"))
    assert titles(outcome) == [
        ("Flesh Tones: A Novel", 2002, 4.75),
        ("The Notebook", None, 4.0),
        ('Rites of Passage; "a" novel', 2001, 2.5),
    ]
    assert outcome.summary["ratings"] == {"accepted": 4, "rejected": {}, "superseded": 0}
    parameters = outcome.summary["parameters"]
    assert parameters["scale"] == "1-10"
    assert (parameters["not_rated"], parameters["times"]) == (1, "none")
    assert "5 ratings in" not in outcome.out and "4 ratings in, 1 not rated" in outcome.out
    assert "warning: the ratings have no times" in outcome.err
    assert target.rows("SELECT DISTINCT last_rated_at FROM app_recommendationdata") == [(None,)]
    number = outcome.summary["top"][0]["movie_id"]
    assert f"`{number}`" in BOOKS
    assert f'"034545104X",{number},"Flesh Tones: A Novel"' in (tmp_path / "ids.csv").read_text()


def test_the_number_of_a_text_id_is_as_the_page_computes_it(capsys):
    (snippet,) = re.findall(r"python3 -c '(.*?)'", PAGE)
    exec(snippet)  # noqa: S102
    assert int(capsys.readouterr().out) == movie_number(code_of(" 034545104X "))


def test_anime(run_example, sqlite_target):
    outcome = run_example(ANIME, sqlite_target)
    assert titles(outcome)[0] == ("School Rumble", None, 4.5)
    assert outcome.summary["top"][0]["movie_id"] == 24
    assert outcome.summary["ratings"]["accepted"] == 5
    assert outcome.summary["parameters"]["not_rated"] == 1
    assert sqlite_target.rows("SELECT genre FROM app_moviegenre WHERE movie_id = 20") == [
        ("Action",),
        ("Comedy",),
        ("Martial Arts",),
    ]


def test_a_shop(run_example, sqlite_target):
    outcome = run_example(SHOP, sqlite_target)
    assert titles(outcome) == [("Cup, blue", None, 3.5), ('Pot "Grand"', None, 2.0)]
    assert outcome.summary["ratings"] == {"accepted": 3, "rejected": {}, "superseded": 1}
    ((last,),) = sqlite_target.rows("SELECT MAX(last_rated_at) FROM app_recommendationdata")
    assert last == "2024-06-02 10:00:00"
