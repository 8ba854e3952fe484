"""What the operator may say about the input files. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spark_jobs.input.formats.scale import STARS, Scale


@dataclass(frozen=True)
class InputOptions:
    """What the operator said about the files: names or numbers of columns, and the rest.

    `ids` is `text` or `numbers`, or nothing where the files shall tell.
    """

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ids: str | None = None
    scale: Scale = STARS
    zero_is_missing: bool = False

    def of(self, kind: str) -> Mapping[str, str]:
        """The columns that were named of the files of a kind."""
        return self.columns.get(kind, {})
