"""Decisions, the commands that save and restore them, and what these say."""

import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from app.curation import backup
from app.models import Curation
from tests.site.factories import curate, make_movie

DECIDED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
DECISION = {
    "movie_id": 1,
    "title": "Movie 1 (2000)",
    "hidden": False,
    "pinned_position": None,
    "note": "",
    "public_note": "",
    "until": None,
    "decided_by": None,
    "decided_at": "2026-01-02T03:04:05.678901Z",
}


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
    """One of each kind."""
    anna = User.objects.create_user("anna")
    movies = [make_movie(n, title) for n, title in ((30, "Alien"), (4, "霸王别姬 🎬"), (5, ""))]
    decide(movies[0], hidden=True, note='two lines,\nand "quotes"', decided_by=anna)
    decide(movies[1], pinned_position=2, until=datetime(2126, 1, 1, 12, tzinfo=UTC))
    decide(movies[2], public_note="Read this. 读一读")
