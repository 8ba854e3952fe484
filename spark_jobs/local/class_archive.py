"""The archive of Spark's loaded classes (AppCDS), with which its JVM starts in half the time.

It is an optimisation: a run that cannot read or write it goes on without it.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from spark_jobs.console import warn

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = ROOT / "var"


class ClassArchive:
    """An archive for one Java and one Spark; any other JVM starts without it."""

    def __init__(self) -> None:
        release = Path(os.environ.get("JAVA_HOME", "/nowhere"), "release")
        parts = [file for file in (release, ROOT / "requirements.txt") if file.is_file()]
        fits = hashlib.sha256(b"".join(file.read_bytes() for file in parts)).hexdigest()[:12]
        self.path = VAR / f"spark-classes-{fits}.jsa"
        self.is_missing = False
        self.partial = self.path.with_name(f"{self.path.name}.{os.getpid()}")

    def java_option(self) -> str:
        """The JVM's option to use the archive, or to write one when it ends."""
        if os.access(self.path, os.R_OK):
            return f"-XX:SharedArchiveFile={self.path}"
        with suppress(OSError):
            VAR.mkdir(exist_ok=True)
        if not os.access(VAR, os.W_OK | os.X_OK) or self.path.exists():
            warn(f"cannot keep a class archive for Spark in {VAR}: the job starts slower")
            return "-Xshare:auto"
        print("preparing Spark's class archive (once): this takes a few seconds longer", flush=True)
        self.is_missing = True
        return f"-XX:ArchiveClassesAtExit={self.partial}"

    def keep(self) -> None:
        """Keep what the JVM has written, and delete the archives of other versions."""
        if not self.partial.exists():
            return
        try:
            for other in VAR.glob("spark-classes-*.jsa"):
                other.unlink()
            self.partial.rename(self.path)
        except OSError as error:
            warn(f"Spark's class archive is not kept: {error.strerror}")

    def forget(self) -> None:
        """Delete a partial archive."""
        with suppress(OSError):
            self.partial.unlink(missing_ok=True)
