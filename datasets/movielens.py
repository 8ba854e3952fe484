"""Find or fetch ml-latest-small.

    python -m datasets.movielens FOLDER

prints the folder with the data: MOVIELENS_DIR if set, FOLDER if an earlier call filled
it, else FOLDER after a download. Exits with status 3 if the download fails.

The licence allows redistributing the data only with its README, so each user downloads it,
and it is never part of this project.
"""

import hashlib
import io
import os
import shutil
import sys
import urllib.request
import zipfile
from pathlib import Path

URL = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip"
SHA256 = "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436"
TIMEOUT_SECONDS = 8
NOT_TO_BE_HAD = 3


def find_or_fetch(folder: Path) -> Path:
    """The folder with movies.csv and ratings.csv. Raises OSError if there is none."""
    if named := os.environ.get("MOVIELENS_DIR"):
        return _existing(Path(named))
    data = folder / "ml-latest-small"
    if not data.is_dir():
        _unpack(download(), folder)
    return data


def download(url: str = URL, sha256: str = SHA256) -> bytes:
    """The zip's bytes. Raises OSError if it cannot be downloaded or has another checksum."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
        content: bytes = answer.read()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise OSError(f"{url} has the checksum {found}, not {sha256}: it was changed in transit")
    return content


def _existing(folder: Path) -> Path:
    for name in ("movies.csv", "ratings.csv"):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"MOVIELENS_DIR={folder} has no {name}")
    return folder


def _unpack(content: bytes, folder: Path) -> None:
    # Unpacked elsewhere and moved in one step: an interrupted start leaves nothing incomplete.
    partial = folder / "ml-latest-small.partial"
    shutil.rmtree(partial, ignore_errors=True)
    zipfile.ZipFile(io.BytesIO(content)).extractall(partial)
    (partial / "ml-latest-small").rename(folder / "ml-latest-small")
    partial.rmdir()


def main() -> int:
    try:
        print(find_or_fetch(Path(sys.argv[1])))
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot download {URL}: {error}", file=sys.stderr)
        return NOT_TO_BE_HAD
    return 0


if __name__ == "__main__":
    sys.exit(main())
