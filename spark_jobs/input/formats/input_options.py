"""The operator's options about the input files. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spark_jobs.input.formats.scale import STARS, Scale


@dataclass(frozen=True)
class InputOptions:
    """The operator's options: names or numbers of columns, and the rest.

    `ids` is `text` or `numbers`, or None to detect it from the files.
    """

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ids: str | None = None
    scale: Scale = STARS
    zero_is_missing: bool = False

    def of(self, kind: str) -> Mapping[str, str]:
        """The columns named for the files of a kind."""
        return self.columns.get(kind, {})
