"""manage.py runs: the history of the batch job, and the way back to a former run."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from app import runs
from app.models import Run

COLUMNS = "{:>5}  {:<10}  {:<16}  {:>12}  {:>9}  {:>8}  {:>7}  {:>6}  {}"
MOVES_SHOWN = 20


class Command(BaseCommand):
    help = "List the runs; compare two, go back to one, or clear away the rows of old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", metavar="")
        commands.add_parser("list", help="all runs with their figures (the default)")
        diff = commands.add_parser("diff", help="what entered, left and moved between two runs")
        diff.add_argument("before", type=int)
        diff.add_argument("after", type=int)
        activate = commands.add_parser("activate", help="serve a kept run again")
        activate.add_argument("run", type=int)
        purge = commands.add_parser("purge", help="delete the rows of old and of failed runs")
        purge.add_argument("--keep-runs", type=int, default=3, help="runs to keep (default: 3)")

    def handle(self, *_: Any, command: str | None = None, **options: Any) -> None:
        try:
            getattr(self, f"_{command or 'list'}")(options)
        except runs.RunError as error:
            raise CommandError(str(error)) from error

    def _list(self, _: dict[str, Any]) -> None:
        header = ("run", "status", "finished (UTC)", "ratings", "rejected", "movies", "ranked")
        self.stdout.write(COLUMNS.format(*header, "C", "input"))
        for run in Run.objects.order_by("-id"):
            self.stdout.write(COLUMNS.format(*_figures(run)))

    def _diff(self, options: dict[str, Any]) -> None:
        difference = runs.compare(options["before"], options["after"])
        for name in ("entered", "left", "moved"):
            moves = getattr(difference, name)
            self.stdout.write(f"{name}: {len(moves)}")
            movies = runs.movies_of(moves[:MOVES_SHOWN])
            for move in moves[:MOVES_SHOWN]:
                movie = movies[move.movie_id]
                self.stdout.write(f"  {move.before or '-':>6} -> {move.after or '-':<6} {movie}")
            if len(moves) > MOVES_SHOWN:
                self.stdout.write(f"  and {len(moves) - MOVES_SHOWN} more")

    def _activate(self, options: dict[str, Any]) -> None:
        run = runs.activate(options["run"])
        self.stdout.write(f"run {run.pk} is current")

    def _purge(self, options: dict[str, Any]) -> None:
        if options["keep_runs"] < 1:
            raise CommandError("--keep-runs must be at least 1: the current run is always kept")
        purged = runs.purge(keep_runs=options["keep_runs"])
        listed = ", ".join(map(str, purged)) or "none: nothing was to be cleared away"
        self.stdout.write(f"purged runs: {listed}")


def _figures(run: Run) -> tuple[Any, ...]:
    """A run's cells, in the order of the header."""
    finished = f"{run.finished_at:%Y-%m-%d %H:%M}" if run.finished_at else "-"
    note = " (rows purged)" if run.purged_at else ""
    note += " (connection not encrypted)" if run.encrypted is False else ""
    return (
        run.pk,
        run.status,
        finished,
        f"{run.ratings_accepted:,}",
        f"{run.ratings_rejected:,}",
        f"{run.movies_accepted:,}",
        f"{run.movies_ranked:,}",
        f"{run.prior_mean:.3f}",
        f"{run.input}{note}{f': {run.error}' if run.error else ''}",
    )
