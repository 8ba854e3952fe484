"""manage.py curation: what curators decided goes into a file and comes back as it was."""

import io
import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from app.curation import backup
from app.models import Curation, CurationChange, Movie
from tests.site.factories import curate, make_movie, make_ranking, make_run
from tests.site.runs.test_runs import lock_of_another

pytestmark = pytest.mark.django_db(transaction=True)

DECIDED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
DECISION = {
    "movie_id": 1,
    "title": "Movie 1 (2000)",
    "hidden": False,
    "pinned_position": None,
    "note": "",
    "until": None,
    "decided_by": None,
    "decided_at": "2026-01-02T03:04:05.678901Z",
}


@pytest.fixture
def write(tmp_path):
    """Write a document; each argument is one decision's changes to the base."""

    def write(*changes, **document):
        entries = [DECISION | change for change in changes]
        base = {"format": "recsys-curation", "version": 1, "decisions": entries}
        return write_text(tmp_path, json.dumps(base | document))

    return write


def write_text(folder, text, encoding="utf-8"):
    path = folder / "curation.json"
    path.write_bytes(text.encode(encoding))
    return str(path)


def command(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("curation", *arguments, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def refusal(*arguments):
    """The problems that an import is refused for; nothing may have been written."""
    before = backup.decisions()
    with pytest.raises(CommandError) as caught:
        command("import", *arguments)
    assert backup.decisions() == before
    first, *problems = str(caught.value).splitlines()
    assert first == "nothing was imported:"
    return [problem.strip() for problem in problems]


def decide(movie, **values):
    """A decision that was made a while ago."""
    curate(movie, **values)
    Curation.objects.filter(movie=movie).update(decided_at=DECIDED)


def some_decisions():
    """One of each kind; the last has run out."""
    anna = User.objects.create_user("anna")
    movies = [make_movie(n, title) for n, title in ((30, "Alien"), (4, "霸王别姬 🎬"), (5, ""))]
    decide(movies[0], hidden=True, note='two lines,\nand "quotes"', decided_by=anna)
    decide(movies[1], pinned_position=2, until=datetime(2126, 1, 1, 12, tzinfo=UTC))
    decide(movies[2], pinned_position=2, until=datetime(2020, 1, 1, tzinfo=UTC))


def test_the_export_is_readable_and_in_the_order_of_the_movies():
    some_decisions()
    document = command("export")
    assert json.loads(document) == {
        "format": "recsys-curation",
        "version": 1,
        "decisions": [
            DECISION
            | {
                "movie_id": 4,
                "title": "霸王别姬 🎬 (2000)",
                "pinned_position": 2,
                "until": "2126-01-01T12:00:00Z",
            },
            DECISION
            | {
                "movie_id": 5,
                "title": "Movie 5 (2000)",
                "pinned_position": 2,
                "until": "2020-01-01T00:00:00Z",
            },
            DECISION
            | {
                "movie_id": 30,
                "title": "Alien (2000)",
                "hidden": True,
                "note": 'two lines,\nand "quotes"',
                "decided_by": "anna",
            },
        ],
    }
    assert '      "title": "霸王别姬 🎬 (2000)",\n' in document
    assert document.endswith("\n}\n")
    assert command("export", "-") == document


def test_an_export_into_a_file_is_its_owners_alone_and_replaces_the_former(tmp_path):
    path = tmp_path / "curation.json"
    assert command("export", str(path)) == f"0 decisions are in {path}\n"
    some_decisions()
    assert command("export", str(path)) == f"3 decisions are in {path}\n"
    assert path.read_text(encoding="utf-8") == command("export")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_that_fails_leaves_the_former(tmp_path, monkeypatch):
    path = tmp_path / "curation.json"
    path.write_text("former")

    def full_disk(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full_disk)
    with pytest.raises(CommandError, match="No space left"):
        command("export", str(path))
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {path.name: "former"}


def test_an_export_to_a_device_or_a_link_leaves_it_what_it_is(tmp_path):
    command("export", "/dev/null")
    assert Path("/dev/null").is_char_device()
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    command("export", str(link))
    assert link.is_symlink()
    assert target.read_text() == command("export")


def test_an_import_brings_everything_back_and_a_second_one_changes_nothing(tmp_path):
    some_decisions()
    before, path = backup.decisions(), str(tmp_path / "curation.json")
    command("export", path)
    Curation.objects.all().delete()
    assert command("import", path) == "added 3, changed 0, unchanged 0, removed 0\n"
    assert backup.decisions() == before
    assert Curation.objects.get(movie_id=30).decided_at == DECIDED
    again = "added 0, changed 0, unchanged 3, removed 0: nothing changed\n"
    assert command("import", path) == again
    assert command("import", path, "--replace") == again
    assert backup.decisions() == before


def test_an_import_takes_effect_in_the_list(client, write):
    make_ranking(make_run(), 3)
    command("import", write({"hidden": True}, {"movie_id": 3, "title": "Movie 3 (2000)",
                                               "pinned_position": 1}))  # fmt: skip
    results = client.get("/recommendations/").json()["results"]
    assert [item["movie_id"] for item in results] == [3, 2]


def test_a_decision_is_changed_and_those_about_other_movies_stay(write):
    decide(make_movie(1), pinned_position=1, note="old")
    decide(make_movie(2), hidden=True)
    path = write({"note": "new", "until": "2126-01-01T02:00:00+02:00"})
    assert command("import", path) == "added 0, changed 1, unchanged 0, removed 0\n"
    changed = Curation.objects.get(movie_id=1)
    assert (changed.note, changed.pinned_position) == ("new", None)
    assert (changed.until, changed.decided_at) == (datetime(2126, 1, 1, tzinfo=UTC), DECIDED)
    assert Curation.objects.filter(movie_id=2).exists()


def test_replacing_withdraws_what_the_file_does_not_hold(write):
    decide(make_movie(1), note="stays")
    decide(make_movie(2), hidden=True)
    path = write({"note": "stays"})
    assert command("import", path, "--replace") == "added 0, changed 0, unchanged 1, removed 1\n"
    assert [decision.movie_id for decision in backup.decisions()] == [1]
    assert command("import", write(), "--replace") == (
        "added 0, changed 0, unchanged 0, removed 1\n"
    )
    assert Movie.objects.count() == 2


def test_a_dry_run_says_what_would_be_done_and_does_nothing(write):
    decide(make_movie(1), note="old")
    decide(make_movie(2))
    before = backup.decisions()
    said = command("import", write({"note": "new"}), "--replace", "--dry-run")
    assert said == (
        "this is a dry run; an import would have:\nadded 0, changed 1, unchanged 0, removed 1\n"
    )
    assert backup.decisions() == before


def test_users_that_do_not_exist_here_are_left_out_and_named(write):
    User.objects.create_user("anna")
    for n in (1, 2, 3):
        make_movie(n)
    path = write(
        {"decided_by": "bob"},
        {"movie_id": 2, "title": "Movie 2 (2000)", "decided_by": "anna"},
        {"movie_id": 3, "title": "Movie 3 (2000)", "decided_by": "bob"},
    )
    notice = "no user “bob” here; decisions that lose the name: 2\n"
    assert command("import", path) == f"{notice}added 3, changed 0, unchanged 0, removed 0\n"
    names = [decision.decided_by for decision in backup.decisions()]
    assert names == [None, "anna", None]
    assert command("import", path).endswith("unchanged 3, removed 0: nothing changed\n")


def test_every_decision_about_a_movie_that_is_not_here_is_named(write):
    make_movie(1)
    path = write({}, {"movie_id": 8, "title": "Heat (1995)"}, {"movie_id": 9, "title": "Alien"})
    assert refusal(path) == [
        "movie 8: “Heat (1995)” is not in the catalogue",
        "movie 9: “Alien” is not in the catalogue",
    ]


def test_an_empty_catalogue_is_told_in_one_line(write):
    assert refusal(write({}, {"movie_id": 2})) == [
        "the catalogue is empty: run the job first, then import"
    ]


def test_another_title_is_refused_unless_it_is_allowed(write):
    make_movie(1, "Heat", 1995)
    path = write({"title": "Alien (1979)", "hidden": True})
    problem = (
        "movie 1: “Alien (1979)” in the file is “Heat (1995)” here: "
        "another movie, or the same one renamed?"
    )
    assert refusal(path) == [problem]
    said = command("import", path, "--allow-other-titles")
    assert said == f"added 1, changed 0, unchanged 0, removed 0\nwarning: {problem}\n"
    assert command("import", path, "--allow-other-titles").startswith("added 0, changed 0")
    assert Curation.objects.get().hidden


def test_pins_that_clash_are_refused(write):
    for n in (1, 2, 3):
        make_movie(n)
    decide(Movie.objects.get(pk=3), pinned_position=5)
    path = write(
        {"pinned_position": 5}, {"movie_id": 2, "title": "Movie 2 (2000)", "pinned_position": 4}
    )
    assert refusal(path) == [
        "movie 1: “Movie 1 (2000)” and 3, “Movie 3 (2000)”, are both pinned at 5"
    ]
    path = write(
        {"pinned_position": 4}, {"movie_id": 2, "title": "Movie 2 (2000)", "pinned_position": 4}
    )
    assert refusal(path, "--replace") == [
        "movie 1: “Movie 1 (2000)” and 2, “Movie 2 (2000)”, are both pinned at 4",
        "movie 2: “Movie 2 (2000)” and 1, “Movie 1 (2000)”, are both pinned at 4",
    ]


def test_pins_that_changed_places_do_not_clash(write):
    for n in (1, 2):
        decide(make_movie(n), pinned_position=n)
    other = {"movie_id": 2, "title": "Movie 2 (2000)", "pinned_position": 1}
    assert command("import", write({"pinned_position": 2}, other)).startswith("added 0, changed 2")


def test_a_pin_that_has_run_out_does_not_clash(write):
    for n in (1, 2):
        make_movie(n)
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    other = {"movie_id": 2, "title": "Movie 2 (2000)", "pinned_position": 1, "until": past}
    assert command("import", write({"pinned_position": 1}, other)).startswith("added 2")


WHOLE = "must be a whole number from 1 to 2147483647"
ZONE = "must be a time with its zone, as in 2026-12-31T23:59:59Z"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"hidden": 1}, "hidden: must be true or false"),
        ({"hidden": None}, "hidden: must be true or false"),
        ({"pinned_position": True}, f"pinned_position: {WHOLE}"),
        ({"pinned_position": 0}, f"pinned_position: {WHOLE}"),
        ({"pinned_position": 1.0}, f"pinned_position: {WHOLE}"),
        ({"pinned_position": 2**31}, f"pinned_position: {WHOLE}"),
        ({"note": None}, "note: must be text"),
        ({"note": "\ud83c"}, "note: holds half of a surrogate pair, which no database takes"),
        ({"title": 1}, "title: must be text"),
        ({"decided_by": 7}, "decided_by: must be text"),
        ({"until": "tomorrow"}, f"until: {ZONE}"),
        ({"until": "2026-12-31T23:59:59"}, f"until: {ZONE}"),
        ({"until": 1_700_000_000}, f"until: {ZONE}"),
        ({"until": "9999-12-31T23:59:59-14:00"}, f"until: {ZONE}"),
        ({"decided_at": None}, f"decided_at: {ZONE}"),
        ({"pinned": 3}, "pinned: unknown field"),
        ({"hidden": True, "pinned_position": 1}, "is both hidden and pinned"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_movie(write, change, complaint):
    make_movie(1)
    assert refusal(write(change)) == [f"movie 1: {complaint}"]


def test_all_problems_of_a_file_are_told_at_once(tmp_path, write):
    make_movie(1)
    path = write(
        {}, {}, {"movie_id": 2, "hidden": 0, "note": 1}, {"movie_id": "3"}, {"movie_id": 4}
    )
    document = json.loads((tmp_path / "curation.json").read_text())
    del document["decisions"][0]["note"]
    document["decisions"].append("movie 5")
    write_text(tmp_path, json.dumps(document))
    assert refusal(path) == [
        "movie 1: note: missing",
        "movie 2: hidden: must be true or false",
        "movie 2: note: must be text",
        f"decision 4: movie_id: {WHOLE}",
        "decision 6: must be an object",
        "movie 4: “Movie 1 (2000)” is not in the catalogue",
    ]


def test_a_movie_that_stands_in_the_file_twice_is_refused(write):
    make_movie(1)
    assert refusal(write({}, {"hidden": True})) == ["movie 1: stands in the file twice"]


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"version": 2}, "version 2 is unknown here: this site reads 1"),
        ({"version": "1"}, "version '1' is unknown here: this site reads 1"),
        ({"version": True}, "version True is unknown here: this site reads 1"),
        ({"format": "x"}, 'this is no export of curation: it lacks "format": "recsys-curation"'),
        ({"decisions": {}}, "decisions: must be a list"),
        ({"decision": []}, "unknown fields of the document: decision"),
    ],
)
def test_a_document_of_another_kind_is_refused(write, document, complaint):
    assert refusal(write(**document)) == [complaint]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "this is not JSON in UTF-8: Expecting value: line 1 column 1"),
        ('{"format": "recsys-curation",', "this is not JSON in UTF-8: "),
        ("[" * 100_000, "this is not JSON in UTF-8: maximum recursion depth"),
        ('{"movie_id": 7, "note": "", "note": "x"}', "movie 7: note is given twice"),
        ("[]", "this is no export of curation"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, text, complaint):
    (problem,) = refusal(write_text(tmp_path, text))
    assert complaint in problem


def test_only_utf_8_is_read_with_or_without_a_byte_order_mark(tmp_path, write):
    make_movie(1, "Amélie", 2001)
    write({"title": "Amélie (2001)"})
    text = json.dumps(json.loads((tmp_path / "curation.json").read_text()), ensure_ascii=False)
    assert command("import", write_text(tmp_path, text, "utf-8-sig")).startswith("added 1")
    assert "this is not JSON in UTF-8" in refusal(write_text(tmp_path, text, "latin-1"))[0]


def test_an_import_reads_from_standard_input(monkeypatch, write):
    make_movie(1)
    with open(write({"hidden": True}), "rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert command("import", "-").startswith("added 1")


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(CommandError, match="No such file or directory"):
        command("import", str(tmp_path / "nothing.json"))


def test_nothing_is_left_of_an_import_that_fails_in_the_middle(monkeypatch, write):
    decide(make_movie(1), note="old")
    decide(make_movie(2))
    make_movie(3)
    before = backup.decisions()

    def fail(*_):
        raise RuntimeError("the connection is lost")

    # By then the former decisions are gone and the new ones are there.
    monkeypatch.setattr(CurationChange.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        command("import", write({}, {"movie_id": 3, "title": "Movie 3 (2000)"}), "--replace")
    assert backup.decisions() == before


def test_nothing_is_imported_while_somebody_publishes(write):
    make_movie(1)
    with lock_of_another(), pytest.raises(CommandError, match="a job is publishing right now"):
        command("import", write({}))
    assert not Curation.objects.exists()
