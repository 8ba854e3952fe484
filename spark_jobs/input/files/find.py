"""Find the input files in a folder, by their names or by the operator's patterns.

python -m spark_jobs.input.files.find FOLDER

prints the names of the files that the job would read from it, as JSON.
"""

import json
import re
import sys
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from pyarrow import fs

from spark_jobs.errors import JobError
from spark_jobs.input.files.file_systems import (
    check_scheme,
    file_system,
    open_file,
    plain_path,
    reading,
    version_of,
)
from spark_jobs.input.files.find_links_and_tags import find_details
from spark_jobs.input.files.input_files import Input, InputFile
from spark_jobs.input.formats import other_files
from spark_jobs.input.formats.detect import detect, read_head
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.input_options import InputOptions

SYNTHETIC_MARKER = "SYNTHETIC.txt"
"""This file marks a folder of generated data, so that nobody takes it for MovieLens."""
ENDINGS = r"(?:csv|csv\.gz|dat|dat\.gz|parquet)"
NAMES = {
    "movies": (rf"movies\.{ENDINGS}|u\.item", rf"movies[-_.][^/]*\.{ENDINGS}|movies[^/]*/[^_.].*"),
    "ratings": (
        rf"ratings\.{ENDINGS}|u\.data",
        rf"ratings[-_.][^/]*\.{ENDINGS}|ratings[^/]*/[^_.].*",
    ),
}
"""Kind -> the name of a single file, and of the parts that are read if there is none."""
NAMES_SHOWN = 10


def find_input(
    prefix: str,
    *,
    movies: str | None = None,
    ratings: str | None = None,
    options: InputOptions | None = None,
) -> Input:
    """Find the files under `prefix` without reading them; the patterns pick others by name.

    Raises JobError for a file that is missing, empty, unreadable or of unknown format.
    """
    options = options or InputOptions()
    check_scheme(prefix)
    folder = plain_path(prefix).rstrip("/") or "/"
    with reading(prefix):
        found = _listing(folder, *filter(None, (movies, ratings)))
        of_movies = _files(folder, found, "movies", movies, options)
        of_ratings = _files(folder, found, "ratings", ratings, options)
        text_movies = any(file.format.text_movies for file in of_movies)
        details, unread = find_details(folder, found, text_ids=text_movies)
        text_users = any(file.format.text_users for file in of_ratings)
        return Input(
            prefix=prefix.rstrip("/") or "/",
            movies=_with_ids(of_movies, text_movies=text_movies, text_users=False),
            ratings=_with_ids(of_ratings, text_movies=text_movies, text_users=text_users),
            synthetic=SYNTHETIC_MARKER in found,
            links=details["links"],
            tags=details["tags"],
            unread=unread,
        )


def _with_ids(
    files: tuple[InputFile, ...], *, text_movies: bool, text_users: bool
) -> tuple[InputFile, ...]:
    """Give all files the same kind of ids: that of the movies decides for the ratings."""

    def agreed(file_format: FileFormat) -> FileFormat:
        is_numeric = file_format.is_numeric and not (text_movies or text_users)
        return replace(
            file_format, text_movies=text_movies, text_users=text_users, is_numeric=is_numeric
        )  # fmt: skip

    return tuple(replace(file, format=agreed(file.format)) for file in files)


def _listing(folder: str, *patterns: str) -> dict[str, fs.FileInfo]:
    """Name below the folder -> file, one folder deep if a pattern or a kind asks for it.

    Omits empty folders and markers.
    """
    looked_into = (*NAMES, *(pattern.partition("/")[0] for pattern in patterns))
    system, root = file_system(folder)
    try:
        infos = system.get_file_info(fs.FileSelector(root))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise JobError(_file_for_folder(folder)) from None
    subfolders = [info.path for info in infos if info.type == fs.FileType.Directory]
    for path in subfolders:
        if Path(path).name.startswith(looked_into):
            infos += system.get_file_info(fs.FileSelector(path))
    return {
        info.path.removeprefix(root).lstrip("/"): info
        for info in infos
        if info.type == fs.FileType.File
    }


def _file_for_folder(address: str) -> str:
    with open_file(address) as stream:
        what = other_files.describe(address, read_head(stream)[0].text)
    if what:
        return f"{address} is {what}"
    return f"{address} is a file: --input must name the folder that holds it"


def _files(
    folder: str,
    found: dict[str, fs.FileInfo],
    kind: str,
    pattern: str | None,
    options: InputOptions,
) -> tuple[InputFile, ...]:
    names = _matching(found, pattern) if pattern else _by_name(folder, found, kind)
    if not names:
        raise JobError(_missing(folder, found, kind, pattern, options))
    return tuple(_describe(folder, found[name], name, kind, options) for name in sorted(names))


def _matching(found: dict[str, fs.FileInfo], pattern: str) -> list[str]:
    return [name for name in found if fnmatch(name, pattern)]


def _by_name(folder: str, found: dict[str, fs.FileInfo], kind: str) -> list[str]:
    whole, parts = NAMES[kind]
    names = [name for name in found if re.fullmatch(whole, name)]
    if len(names) > 1:
        raise JobError(f"{folder} has {' and '.join(sorted(names))}: choose with --{kind} NAME")
    return names or [name for name in found if re.fullmatch(parts, name)]


def _missing(
    folder: str,
    found: dict[str, fs.FileInfo],
    kind: str,
    pattern: str | None,
    options: InputOptions,
) -> str:
    """Which file is missing, what exists instead, and what may be meant."""
    wanted = f"no file {pattern}" if pattern else f"{folder.rstrip('/')}/{kind}.csv does not exist"
    wanted += f": give the folder that has it as --input, or another name in the folder as --{kind}"
    if not found:
        system, root = file_system(folder)
        is_there = system.get_file_info(root).type == fs.FileType.Directory
        return f"{wanted} ({folder} {'has no files' if is_there else 'does not exist'})"
    if pattern and (
        inside := [name for name in found if name.startswith(f"{pattern.strip('/')}/")]
    ):
        return (
            f"{pattern} is a folder: name the files in it, --{kind} '{inside[0].split('/')[0]}/*'"
        )
    if pattern and pattern.startswith(("/", "s3:", "s3a:")):
        wanted = f"{wanted}; the names are relative to --input"
    if fitting := [name for name in sorted(found) if _may_be(folder, found, name, kind, options)]:
        return f"{wanted}; {fitting[0]} looks like it: --{kind} '{fitting[0]}'"
    held = f"{folder} has {_listed(sorted(found))}"
    if kind == "movies":
        held += "; a file with the columns movieId,title is enough"
    packed = next((name for name in found if name.endswith((".zip", ".rar", ".7z", ".tar"))), None)
    return f"{wanted}; {held}" + (f"; {packed} must be unpacked first" if packed else "")


def _listed(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _may_be(
    folder: str, found: dict[str, fs.FileInfo], name: str, kind: str, options: InputOptions
) -> bool:
    """Whether a file of another name is suitable."""
    if list(found).index(name) >= NAMES_SHOWN or Path(name).name.startswith((".", "_")):
        return False
    if kind == "movies" and _may_be(folder, found, name, "ratings", options):
        return False  # one row per rating, although it may have titles
    try:
        _describe(folder, found[name], name, kind, options)
    except JobError:
        return False
    return True


def _describe(
    folder: str, info: fs.FileInfo, name: str, kind: str, options: InputOptions
) -> InputFile:
    address = f"{folder.rstrip('/')}/{name}"
    with reading(address), open_file(address) as stream:
        version = version_of(address)
        file_format, gzipped = detect(stream, address, kind, options)
    return InputFile(address, name, info.size, version, file_format, gzipped)


def main() -> None:
    """Print the files to read in the folder given as the only argument."""
    try:
        found = find_input(sys.argv[1])
    except JobError as error:
        sys.exit(f"error: {error}")
    marker = [SYNTHETIC_MARKER] if found.synthetic else []
    print(json.dumps([*(file.name for file in found.files), *marker]))


if __name__ == "__main__":
    main()
