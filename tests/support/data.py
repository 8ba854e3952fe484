"""The data that tests are made with: real ones where they are at hand, else generated ones."""

import os
from pathlib import Path

from datasets import synthetic
from tests.support.targets import ROOT


def real_data() -> Path | None:
    """The folder with the real ml-latest-small, where there is one."""
    downloaded = ROOT / "var" / "ml-latest-small"
    folder = Path(os.environ.get("MOVIELENS_DIR") or downloaded)
    return folder if (folder / "ratings.csv").is_file() else None


def generate(folder: Path) -> Path:
    """Generated data of the same size into the folder, which is returned."""
    synthetic.generate(folder, ratings=100_000, movies=9_700, users=610, seed=1)
    return folder
