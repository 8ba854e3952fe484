"""manage.py curation: files that are refused, whole, and what is said of them."""

import json

import pytest
from django.core.management import CommandError

from app.curation import backup
from app.models import Curation, CurationChange, Movie
from tests.site.curation.backups import command, decide, refusal, write_text
from tests.site.factories import make_movie
from tests.site.publishing import lock_of_another

pytestmark = pytest.mark.django_db(transaction=True)


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
        ({"public_note": "x" * 501}, "public_note: must have at most 500 characters"),
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
    assert refusal(write({}, {"hidden": True})) == ["movie 1: is in the file twice"]


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"version": 3}, "version 3 is unknown here: this site reads 1 and 2"),
        ({"version": "1"}, "version '1' is unknown here: this site reads 1 and 2"),
        ({"version": True}, "version True is unknown here: this site reads 1 and 2"),
        (
            {"format": "x"},
            'this is not an export of curation: it lacks "format": "recsys-curation"',
        ),
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
        ("[]", "this is not an export of curation"),
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
