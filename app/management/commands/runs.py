"""manage.py runs: the history of the batch job, and the return to an earlier run."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.decisions import Decisions
from app.catalogue.errors import RunNotKept
from app.catalogue.lists.comparison import compare, moves
from app.catalogue.loader import consistent_read, load_catalogue, load_runs
from app.catalogue.runs import personal_ndcg
from app.models import Run
from app.runs import lifecycle
from app.runs.errors import RunError

COLUMNS = "{:>5}  {:<10}  {:<16}  {:>12}  {:>9}  {:>8}  {:>7}  {:>6}  {:>11}  {}"
MOVES_SHOWN = 20


class Command(BaseCommand):
    help = "List the runs; compare two, go back to one, or clear away the rows of old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", metavar="")
        commands.add_parser(
            "list",
            help="all runs with their figures (the default); nDCG@10 is that of the personal lists"
            " on the temporal / the random split",
        )
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
        except (RunError, RunNotKept) as error:
            raise CommandError(str(error)) from error

    def _list(self, _: dict[str, Any]) -> None:
        header = ("run", "status", "finished (UTC)", "ratings", "rejected", "movies", "ranked")
        self.stdout.write(COLUMNS.format(*header, "C", "nDCG", "input"))
        for run in Run.objects.order_by("-id"):
            self.stdout.write(COLUMNS.format(*_figures(run)))

    def _diff(self, options: dict[str, Any]) -> None:
        with consistent_read():
            before, after = (_catalogue(options[name]) for name in ("before", "after"))
        found = compare(before, after)
        for name, changes in found.by_kind().items():
            self.stdout.write(f"{name}: {len(changes)}")
            for move in moves(before, after, changes[:MOVES_SHOWN]):
                title = f"{move.title} ({move.year})" if move.year else move.title
                self.stdout.write(f"  {move.before or '-':>6} -> {move.after or '-':<6} {title}")
            if len(changes) > MOVES_SHOWN:
                self.stdout.write(f"  and {len(changes) - MOVES_SHOWN} more")

    def _activate(self, options: dict[str, Any]) -> None:
        run = lifecycle.activate(options["run"])
        self.stdout.write(f"run {run.pk} is current")

    def _purge(self, options: dict[str, Any]) -> None:
        if options["keep_runs"] < 1:
            raise CommandError("--keep-runs must be at least 1: the current run is always kept")
        purged = lifecycle.purge(keep_runs=options["keep_runs"])
        listed = ", ".join(map(str, purged)) or "none: there was nothing to clear away"
        self.stdout.write(f"purged runs: {listed}")


def _catalogue(run_id: int) -> CuratedCatalogue:
    """The catalogue of a kept run, including hidden movies. Raises RunNotKept."""
    kept = {run.id: run for run in load_runs() if run.kept}
    if run_id not in kept:
        raise RunNotKept(run_id, tuple(kept))
    return CuratedCatalogue.of(load_catalogue(kept[run_id], previous_run=None), Decisions())


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
        "/".join(_ndcg(run, split) for split in ("temporal", "random")),
        f"{run.input}{note}{f': {run.error}' if run.error else ''}",
    )


def _ndcg(run: Run, split: str) -> str:
    found = personal_ndcg(run.evaluation, split)
    return "-" if found is None else f"{found:.3f}"
