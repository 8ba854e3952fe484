"""Pack the job for a cluster.

python -m aws_deployment.package_job spark_jobs.zip

The zip is for `--py-files`. It is stamped with the git revision, which every run records. The
same revision gives the same bytes.
"""

import argparse
import zipfile
from pathlib import Path

from aws_deployment import ROOT
from spark_jobs.revision import STAMP, git_revision

LONG_AGO = (1980, 1, 1, 0, 0, 0)


def pack(target: Path) -> str:
    """Write the zip and return the revision in it."""
    revision = git_revision(ROOT)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((ROOT / "spark_jobs").rglob("*.py")):
            _add(archive, str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))
        _add(archive, f"spark_jobs/{STAMP}", revision)
    return revision


def _add(archive: zipfile.ZipFile, name: str, content: str) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pack the job for --py-files.")
    parser.add_argument("target", type=Path, help="the zip to write")
    target = parser.parse_args().target
    print(f"{target}: revision {pack(target)}")


if __name__ == "__main__":
    main()
