"""manage.py curation: export of curators' decisions to a file, and import from one."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from app.curation import backup, backup_format
from app.curation.backup_format import CurationError
from app.runs.errors import RunError

STANDARD = "-"


class Command(BaseCommand):
    help = "Export or import curators' decisions, the only data that no batch run can rebuild."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
        export = commands.add_parser("export", help="write all decisions as JSON")
        export.add_argument(
            "file", nargs="?", default=STANDARD, help="replaced if it exists (default: stdout)"
        )
        import_ = commands.add_parser("import", help="restore decisions, all or none")
        import_.add_argument("file", help="an export, or - for stdin")
        import_.add_argument(
            "--replace",
            action="store_true",
            help="withdraw all decisions that the file does not hold",
        )
        import_.add_argument(
            "--allow-other-titles",
            action="store_true",
            help="import even if movies have other titles here: their ids may mean other movies",
        )
        import_.add_argument(
            "--dry-run", action="store_true", help="check and report, but change nothing"
        )

    def handle(self, *_: Any, command: str, **options: Any) -> None:
        try:
            getattr(self, f"_{command}")(options)
        except (RunError, OSError) as error:
            raise CommandError(str(error)) from error

    def _export(self, options: dict[str, Any]) -> None:
        decisions = backup.decisions()
        document = backup_format.dump(decisions)
        if options["file"] == STANDARD:
            self.stdout.write(document, ending="")
            return
        _write(Path(options["file"]), document)
        self.stdout.write(f"{len(decisions)} decisions are in {options['file']}")

    def _import(self, options: dict[str, Any]) -> None:
        try:
            outcome = backup.restore(
                backup_format.load(_read(options["file"])),
                remove_others=options["replace"],
                accept_other_titles=options["allow_other_titles"],
                dry_run=options["dry_run"],
            )
        except CurationError as error:
            problems = "\n  ".join(error.problems)
            raise CommandError(f"nothing was imported:\n  {problems}") from error
        self._report(outcome, dry_run=options["dry_run"])

    def _report(self, outcome: backup.Outcome, *, dry_run: bool) -> None:
        for title in outcome.other_titles:
            self.stderr.write(f"warning: {title}")
        for name, count in sorted(outcome.unknown_users.items()):
            self.stdout.write(
                f"there is no user “{name}”; decisions without a curator now: {count}"
            )
        if outcome.expired:
            self.stdout.write(f"decisions left out, as they have expired: {len(outcome.expired)}")
        if dry_run:
            self.stdout.write("this is a dry run; an import would have:")
        done = ("added", "changed", "unchanged", "removed")
        figures = ", ".join(f"{name} {len(getattr(outcome, name))}" for name in done)
        changes = outcome.added or outcome.changed or outcome.removed
        self.stdout.write(figures if changes else f"{figures}: nothing changed")


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == STANDARD else Path(name).read_bytes()


def _write(path: Path, document: str) -> None:
    if path.exists() and not path.is_file():  # a pipe or /dev/null is not replaced
        path.write_text(document, encoding="utf-8")
        return
    path = path.resolve()  # a link stays one
    # Written beside it, then renamed: a full disk must not destroy the previous export. Only its
    # owner can read a temporary file, which suits notes that are for curators only.
    with NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as part:
        try:
            part.write(document)
            part.flush()
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink()
            raise
