"""manage.py curation: what curators decided goes into a file and comes back as it was."""

import io
import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError

from app.curation import backup
from app.models import Curation, Movie
from tests.site.curation.backups import DECIDED, DECISION, command, decide, some_decisions
from tests.site.factories import make_movie, make_ranking, make_run

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_export_is_readable_and_in_the_order_of_the_movies():
    some_decisions()
    document = command("export")
    assert json.loads(document) == {
        "format": "recsys-curation",
        "version": 2,
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
                "public_note": "Read this. 读一读",
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
    notice = "there is no user “bob”; decisions without a curator now: 2\n"
    assert command("import", path) == f"{notice}added 3, changed 0, unchanged 0, removed 0\n"
    names = [decision.decided_by for decision in backup.decisions()]
    assert names == [None, "anna", None]
    assert command("import", path).endswith("unchanged 3, removed 0: nothing changed\n")


def test_pins_that_changed_places_do_not_clash(write):
    for n in (1, 2):
        decide(make_movie(n), pinned_position=n)
    other = {"movie_id": 2, "title": "Movie 2 (2000)", "pinned_position": 1}
    assert command("import", write({"pinned_position": 2}, other)).startswith("added 0, changed 2")


def test_what_has_run_out_is_left_out_and_does_not_clash(write):
    for n in (1, 2, 3):
        make_movie(n)
    past = datetime.now(UTC) - timedelta(minutes=1)
    decide(Movie.objects.get(pk=3), pinned_position=1, until=past)
    other = {"movie_id": 2, "title": "Movie 2 (2000)", "pinned_position": 1}
    said = command("import", write({"pinned_position": 1}, other | {"until": past.isoformat()}))
    assert said == (
        "decisions left out, as they have expired: 1\nadded 1, changed 0, unchanged 0, removed 0\n"
    )
    assert [decision.movie_id for decision in backup.decisions()] == [1]


def test_a_file_from_before_there_were_public_notes_is_read(write):
    make_movie(1)
    path = write({"hidden": True}, version=1)
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    del document["decisions"][0]["public_note"]
    Path(path).write_text(json.dumps(document), encoding="utf-8")
    assert command("import", path).startswith("added 1")
    assert Curation.objects.get().public_note == ""


def test_an_import_reads_from_standard_input(monkeypatch, write):
    make_movie(1)
    with open(write({"hidden": True}), "rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert command("import", "-").startswith("added 1")
