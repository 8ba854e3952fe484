"""Find or fetch ml-latest-small.

    python -m datasets.movielens FOLDER

prints the folder that holds the data: MOVIELENS_DIR if set, FOLDER where an earlier call
left it, else FOLDER after a download. Exits with status 3 where the download cannot be had.

The licence allows passing the data on only together with its README, so it is fetched by
whoever uses it and never part of this project.
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
    """The folder with movies.csv and ratings.csv. Raises OSError where there is none."""
    if named := os.environ.get("MOVIELENS_DIR"):
        return _existing(Path(named))
    data = folder / "ml-latest-small"
    if not data.is_dir():
        _unpack(download(), folder)
    return data


def download(url: str = URL, sha256: str = SHA256) -> bytes:
    """The zip's bytes. Raises OSError when it cannot be had or is not the one we know."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
        content: bytes = answer.read()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise OSError(f"{url} has the checksum {found}, not {sha256}: it was changed on its way")
    return content


def _existing(folder: Path) -> Path:
    for name in ("movies.csv", "ratings.csv"):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"MOVIELENS_DIR={folder} holds no {name}")
    return folder


def _unpack(content: bytes, folder: Path) -> None:
    # Unpacked beside its place and moved in one step: an interrupted start leaves nothing half.
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
