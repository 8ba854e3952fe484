"""One answer sees one moment, whatever is published while it is being put together."""

import os
import subprocess
import sys

from tests.targets import ROOT, Target

ANSWER = """
from django.db import connections
from app.models import Movie
from app.snapshot import one_moment

Movie.objects.create(movie_id=1, title="before")
publisher = connections.create_connection("default")
with one_moment():
    seen = [Movie.objects.get().title]
    with publisher.cursor() as cursor:
        cursor.execute("UPDATE app_movie SET title = 'after'")
    seen.append(Movie.objects.get().title)
print(*seen, Movie.objects.get().title)
"""

SLOW = """
import time
from app import snapshot
from app.models import Movie
from app.problems import Problem

Movie.objects.create(movie_id=1, title="there")
snapshot.MOST_SECONDS = 1
try:
    with snapshot.one_moment():
        print(Movie.objects.get().title)
        time.sleep(1.1)
        Movie.objects.get()
except Problem as problem:
    print(problem.members["reason"])
with snapshot.one_moment():
    print(Movie.objects.get().title)
print(Movie.objects.get().title)
"""


BUSY = """
import threading
from django.conf import settings
from app import snapshot
from app.models import Movie
from app.problems import Problem

Movie.objects.create(movie_id=1, title="there")
inside, over = threading.Barrier(settings.SNAPSHOTS_AT_ONCE + 1), threading.Event()

def hold():
    with snapshot.one_moment():
        inside.wait()
        over.wait()

def read():
    try:
        with snapshot.one_moment():
            return Movie.objects.get().title
    except Problem as problem:
        return problem.members["reason"]

threads = [threading.Thread(target=hold) for _ in range(settings.SNAPSHOTS_AT_ONCE)]
for thread in threads:
    thread.start()
inside.wait()
print(read())
over.set()
for thread in threads:
    thread.join()
print(read())
for _ in range(settings.SNAPSHOTS_AT_ONCE + 1):
    try:
        with snapshot.one_moment():
            raise ValueError("oops")
    except ValueError as error:
        said = error
print(said)  # and each gave its place back
print(read())
"""


def run(code: str, target: Target) -> list[str]:
    """The words that it prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
        cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_what_is_published_meanwhile_waits_for_the_next_answer(target: Target):
    assert run(ANSWER, target) == ["before", "before", "after"]


def test_an_answer_that_takes_too_long_is_given_up_and_the_next_one_is_not(target: Target):
    assert run(SLOW, target) == ["there", "slow", "there", "there"]


def test_so_many_read_at_once_and_others_are_sent_away(target: Target):
    assert run(BUSY, target) == ["busy", "there", "oops", "there"]
