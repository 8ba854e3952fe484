"""What to say to somebody whose rows are rejected: how rows should look, and what would help."""

import re
from collections.abc import Callable, Iterable, Iterator

from spark_jobs.input.files import InputFile
from spark_jobs.input.formats.columns import MOVIELENS
from spark_jobs.input.formats.file_format import Shape
from spark_jobs.input.formats.times import NO_TIMES
from spark_jobs.input.rejection import Rejected

EXAMPLES = {
    "user": "1",
    "movie": "318",
    "rating": "4.5",
    "time": {
        "seconds": "1260759144",
        "milliseconds": "1260759144000",
        "microseconds": "1260759144000000",
        "iso": "2009-12-14 02:52:24",
        NO_TIMES: "",
    },
    "title": "Heat (1995)",
    "genres": "Crime|Thriller",
    "year": "1995",
}
ROWS_LOOKED_AT = 200


def expected(kind: str, shape: Shape) -> str:
    """The columns of a row and an example, such as `userId,movieId,rating,timestamp`."""
    places = shape.places_of(kind)
    names = shape.columns or MOVIELENS[kind]
    roles = {place: role for role, place in places.items()}
    values = [_example(roles[i], shape) if i in roles else "..." for i in range(len(names))]
    return f"rows of {shape.separator.join(names)}, such as {shape.separator.join(values)}"


def advice(kind: str, files: Iterable[InputFile], rejected: Rejected) -> str:
    """What is expected, and what would help against the commonest reason."""
    files = list(files)
    if not rejected.counts:
        return f"expected are {expected(kind, files[0].shape)}"
    reason = rejected.counts.most_common(1)[0][0]
    shape, remedy = _remedy(kind, files, rejected, reason)
    return f"expected are {expected(kind, shape)}" + (f"; {remedy}" if remedy else "")


def out_of_range_advice(files: Iterable[InputFile], rejected: Rejected) -> str:
    """What would help against ratings outside of the scale."""
    return _remedy("ratings", files, rejected, "rating_out_of_range")[1]


def _remedy(
    kind: str, files: Iterable[InputFile], rejected: Rejected, reason: str
) -> tuple[Shape, str]:
    """The shape of the first file with such rows, and what would help."""
    shapes = {file.name: file.shape for file in files}
    sample = rejected.sample[reason][:ROWS_LOOKED_AT]
    shape = shapes[sample[0][0]]
    rows = [raw for _, raw in sample]
    remedy = HELP[reason](shape, list(_values(kind, shape, rows)), rows) if reason in HELP else ""
    return shape, remedy


def _example(role: str, shape: Shape) -> str:
    if role == "time":
        return EXAMPLES["time"][shape.times]  # type: ignore[index]
    if (role == "user" and shape.text_users) or (role == "movie" and shape.text_movies):
        return "034545104X"
    if role == "rating" and shape.scale.rounded:
        return f"{shape.scale.high:g}"
    return str(EXAMPLES[role])


def _values(kind: str, shape: Shape, rows: Iterable[str]) -> Iterator[dict[str, str]]:
    places = shape.places_of(kind).items()
    for fields in map(shape.fields, rows):
        if fields and len(fields) == shape.width(kind):
            yield {role: fields[place] for role, place in places}


Rows = list[dict[str, str]]


def _malformed(shape: Shape, values: Rows, raws: list[str]) -> str:
    ratings = [row.get("rating", "") for row in values]
    if any(re.fullmatch(r"[0-9]+,[0-9]+", rating) for rating in ratings):
        return "write ratings with a point, 4.5 and not 4,5"
    if any("rating" in row and not row["rating"].strip() for row in values):
        return "rows without a rating must go"
    if ratings:
        return f"{ratings[0]!r} is no number: name another column with --columns rating=NAME"
    if shape.separator == "," and any(re.search(r"[0-9],[05](,|$)", raw) for raw in raws):
        return "if numbers are written with a comma, 4,5, write 4.5 or quote them away"
    widths = sorted({raw.count(shape.separator) + 1 for raw in raws})
    return f"the rejected rows have {', '.join(map(str, widths[:5]))} fields"


def _bad_id(shape: Shape, values: Rows, raws: list[str]) -> str:
    return "if ids are text, --ids text gives them numbers"


def _bad_timestamp(shape: Shape, values: Rows, raws: list[str]) -> str:
    shown = f"{values[0]['time']!r} is none of these; " if values and "time" in values[0] else ""
    return (
        f"{shown}times may be seconds, milliseconds or microseconds since 1970, or dates like "
        "2009-12-14 and 2009-12-14T02:52:24Z; --columns time=none leaves them out"
    )


def _out_of_range(shape: Shape, values: Rows, raws: list[str]) -> str:
    numbers = [float(r["rating"]) for r in values if re.fullmatch(r"-?[0-9.]+", r["rating"])]
    remedies = []
    if 0.0 in numbers:
        remedies.append("if 0 means 'not rated', --zero missing leaves it out")
    largest = max(numbers, default=0.0)
    if largest > shape.scale.high:
        top = next((top for top in (5, 10, 20, 100) if largest <= top), f"{largest:g}")
        low = 0 if top == 100 else 1
        remedies.append(f"if ratings go up to {top}, say so: --scale {low}-{top}")
    return "; ".join(remedies)


def _not_half_star(shape: Shape, values: Rows, raws: list[str]) -> str:
    return "--scale 0.5-5 (or the scale that they have) rounds ratings to half-stars"


def _unknown_movie(shape: Shape, values: Rows, raws: list[str]) -> str:
    return "the ratings name movies that the movies file does not have: are they of one data set?"


def _bad_text(shape: Shape, values: Rows, raws: list[str]) -> str:
    return (
        "write the file as UTF-8 without control characters; if it is Western European text, "
        "with iconv -f WINDOWS-1252 -t UTF-8"
    )


HELP: dict[str, Callable[[Shape, Rows, list[str]], str]] = {
    "malformed": _malformed,
    "bad_id": _bad_id,
    "bad_timestamp": _bad_timestamp,
    "rating_out_of_range": _out_of_range,
    "not_half_star": _not_half_star,
    "unknown_movie": _unknown_movie,
    "bad_text": _bad_text,
}
