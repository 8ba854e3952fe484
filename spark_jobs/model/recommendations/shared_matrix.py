"""A matrix that the driver made and the executors read: one copy a machine, not one a process.

It travels as a file of numpy's (`SparkContext.addFile`) and is opened as a memory map, so that
all Python workers of a machine share the pages that the system keeps of it.
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
        """Send a matrix by way of `folder`, which has to be there as long as there are tasks."""
        path = folder / f"{uuid4().hex}.npy"  # Spark takes a name only once
        np.save(path, matrix)
        context.addFile(str(path))
        return cls(path.name)

    def open(self) -> NDArray[np.float32]:
        """The matrix, to be read."""
        opened: NDArray[np.float32] = np.load(SparkFiles.get(self.name), mmap_mode="r")
        return opened

    def delete(self) -> None:
        """Remove the driver's copy; those of other machines go with Spark."""
        with suppress(OSError):
            Path(SparkFiles.get(self.name)).unlink()
