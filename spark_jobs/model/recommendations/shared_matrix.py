"""A matrix made on the driver and read on the executors: one copy per machine, not per process.

It is sent as a numpy file (`SparkContext.addFile`) and opened as a memory map, so that all
Python workers of a machine share its pages.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from pyspark import SparkContext, SparkFiles


@dataclass(frozen=True)
class SharedMatrix:
    """The name of the file; `open` works on the executors."""

    name: str

    @classmethod
    def write(
        cls, context: SparkContext, folder: Path, matrix: NDArray[np.float32]
    ) -> "SharedMatrix":
        """Send a matrix through `folder`, which must exist as long as there are tasks."""
        path = folder / f"{uuid4().hex}.npy"  # Spark accepts a name only once
        np.save(path, matrix)
        context.addFile(str(path))
        return cls(path.name)

    def open(self) -> NDArray[np.float32]:
        """Open the matrix read-only."""
        opened: NDArray[np.float32] = np.load(SparkFiles.get(self.name), mmap_mode="r")
        return opened

    def delete(self) -> None:
        """Remove the driver's copy; those of other machines go with Spark."""
        with suppress(OSError):
            Path(SparkFiles.get(self.name)).unlink()
