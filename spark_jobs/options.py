"""The job's arguments: their meaning and their allowed values.

Standard library only: `bin/deploy` checks them before it starts a cluster.
"""

import argparse
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from spark_jobs.gate.thresholds import GATES, Limit
from spark_jobs.input.formats.columns import parse_columns
from spark_jobs.input.formats.input_options import InputOptions
from spark_jobs.input.formats.scale import FORM, STARS, Scale, parse_scale
from spark_jobs.model.recommendations.config import (
    ItemModelConfig,
    ModelConfig,
    Setting,
    model_config,
    names,
    parse_setting,
)
from spark_jobs.store.address import FORMS, Address, parse_address
from spark_jobs.store.credentials import REFERENCES, is_reference

DESCRIPTION = """Rank the movies of a MovieLens data set and publish them as one run.
The database's user and password come from DB_USER and DB_PASSWORD (or DB_PASSWORD_FILE),
or from --db-secret; never from an argument."""

AUTO = "auto"
MOST_USERS = 200_000
"""Their lists take 0.3 GB a run, 2 GB on disk with the runs kept: a small database's worth."""


class Options(argparse.Namespace):
    """The parsed arguments."""

    input: str
    movies: str | None
    ratings: str | None
    columns: dict[str, str]
    movie_columns: dict[str, str]
    ids: str | None
    scale: Scale
    zero: str | None
    id_table: str | None
    database: Address | None
    db_secret: str | None
    min_ratings: int
    prior_weight: float | None
    no_models: bool
    no_evaluate: bool
    users: int | None
    min_support: int
    max_items: int | None
    model: list[Setting]
    keep_runs: int
    max_rejected: Limit
    rejects: str | None
    allow: list[str]
    dry_run: bool
    summary_json: str | None
    profile: bool
    debug: bool

    def parameters(self) -> dict[str, object]:
        """The arguments that the result depends on, as stored with the run."""
        names = ("min_ratings", "keep_runs")
        optional = ("columns", "movie_columns", "ids", "zero")
        return {
            **{name: getattr(self, name) for name in names},
            "prior_weight": AUTO if self.prior_weight is None else self.prior_weight,
            "scale": str(self.scale),
            **{name: getattr(self, name) for name in optional if getattr(self, name)},
            **self._model_parameters(),
        }

    def _model_parameters(self) -> dict[str, object]:
        if self.no_models:
            return {"no_models": True}
        return {
            "users": "all" if self.users is None else self.users,
            "min_support": self.min_support,
            **({"max_items": self.max_items} if self.max_items else {}),
            **({"model": dict(self.model)} if self.model else {}),
        }

    def model_config(self) -> ModelConfig:
        """The configuration of the models."""
        return model_config(self.model, min_support=self.min_support, max_items=self.max_items)

    def input_options(self) -> InputOptions:
        """What the operator said about the input files."""
        return InputOptions(
            columns={"ratings": self.columns, "movies": self.movie_columns},
            ids=self.ids,
            scale=self.scale,
            zero_is_missing=self.zero == "missing",
        )


class Parser(argparse.ArgumentParser):
    """Reports errors in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"error: {message} (--help explains the options)\n")


def parse_options(arguments: list[str] | None = None) -> Options:
    """Parse the arguments; exit with status 2 and one line for an invalid one."""
    parser = build_parser()
    options = parser.parse_args(arguments, namespace=Options())
    if options.database is None and not options.dry_run:
        parser.error("--database is required, unless --dry-run only shows the ranking")
    return options


def build_parser() -> Parser:
    """All options, in the order in which --help shows them."""
    parser = Parser(prog="spark_emr.py", description=DESCRIPTION, allow_abbrev=False)
    _add_input(parser)
    _add_publishing(parser)
    _add_models(parser)
    _add_output(parser)
    return parser


def _add_input(parser: Parser) -> None:
    add = parser.add_argument
    add("--input", required=True, metavar="FOLDER",
        help="folder or s3://, s3a://, hdfs://, file:// prefix with a data set")  # fmt: skip
    for kind in ("movies", "ratings"):
        add(f"--{kind}", metavar="PATTERN",
            help=f"which files hold the {kind}, e.g. '{kind}-*.csv.gz' (default: by name)",
            )  # fmt: skip
    add("--columns", type=_columns("ratings"), default={}, metavar="NAMES",
        help="which columns hold the ratings: user=NAME,movie=NAME,rating=NAME,time=NAME "
        "(default: by well-known names); numbers count the columns of a file without a header, "
        "time=none leaves the times out")  # fmt: skip
    add("--movie-columns", type=_columns("movies"), default={}, metavar="NAMES",
        help="the same for the movies: movie=NAME,title=NAME,genres=NAME,year=NAME")  # fmt: skip
    add("--ids", choices=("numbers", "text"),
        help="whether ids are numbers or text (default: detected from the first rows)")  # fmt: skip
    add("--id-table", metavar="PATH",
        help="write the numbers assigned to the movies' text ids to this file, as CSV")  # fmt: skip
    add("--scale", type=_scale, default=STARS, metavar="LOW-HIGH",
        help=f"the scale of the ratings, {FORM} (default: half-stars from 0.5 to 5)")  # fmt: skip
    add("--zero", choices=("missing",),
        help="a rating of 0, or -1, means not rated (default: by the scale)")  # fmt: skip


def _add_publishing(parser: Parser) -> None:
    add = parser.add_argument
    add("--database", type=_address, metavar="URL", help=f"where to publish: {FORMS}")
    add("--db-secret", type=_reference, metavar="REFERENCE",
        help=f"where the password is: {REFERENCES}")  # fmt: skip
    add("--min-ratings", type=_whole_number(0), default=50, metavar="N",
        help="eligibility floor: ratings a movie needs for a rank (default: 50)")  # fmt: skip
    add("--prior-weight", type=_weight, default=50.0, metavar="M",
        help="prior weight m, in ratings: how strongly few ratings are drawn towards the overall "
        f"mean (default: 50), or {AUTO} to estimate it from the data")  # fmt: skip
    add("--keep-runs", type=_whole_number(1), default=3, metavar="N",
        help="published runs whose rows stay in the database (default: 3)")  # fmt: skip
    add("--max-rejected", type=_limit, default=Limit(0.01, is_share=True), metavar="LIMIT",
        help="most movies, or ratings, that may be rejected: a share or a number (default: 1%%)",
        )  # fmt: skip


def _add_models(parser: Parser) -> None:
    add = parser.add_argument
    add("--no-models", action="store_true",
        help="rank only: no similar movies, nothing for visitors, no personal lists")  # fmt: skip
    add("--no-evaluate", action="store_true",
        help="do not measure how good the recommendations are")  # fmt: skip
    add("--users", type=_users, default=MOST_USERS, metavar="all|none|N",
        help="who gets a personal list: everybody, nobody, or the N users who rated last "
        f"(default: {MOST_USERS})")  # fmt: skip
    add("--min-support", type=_whole_number(1), default=ItemModelConfig.min_support, metavar="N",
        help="ratings a movie needs to be in the models (default: 5)")  # fmt: skip
    add("--max-items", type=_whole_number(1), metavar="N",
        help="most movies in the models, those with the most ratings (default: all, refused "
        "if that takes more than half of the machine's memory)")  # fmt: skip
    add("--model", type=_setting, action="append", default=[], metavar="NAME=VALUE",
        help=f"a hyper-parameter of the models (repeatable): {', '.join(names())}")  # fmt: skip


def _add_output(parser: Parser) -> None:
    add = parser.add_argument
    add("--rejects", metavar="PREFIX", help="write all rejected rows under this prefix, as CSV")
    add("--allow", action="append", default=[], choices=list(GATES), metavar="GATE",
        help=f"publish even if this gate is closed: {', '.join(GATES)} (repeatable)")  # fmt: skip
    add("--dry-run", action="store_true", help="compute and show the top, publish nothing")
    add("--summary-json", type=_writable, metavar="PATH",
        help="write the summary to this file, for machines")  # fmt: skip
    add("--profile", action="store_true", help="show at the end where the time went")
    add(
        "--debug",
        action="store_true",
        help="show the stack trace of an error, and all of Spark's messages",
    )


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _reference(text: str) -> str:
    if not is_reference(text):  # not repeated: it may be the password itself
        raise argparse.ArgumentTypeError(f"must be a reference: {REFERENCES}")
    return text


def _columns(kind: str) -> Callable[[str], dict[str, str]]:
    def parse(text: str) -> dict[str, str]:
        try:
            return parse_columns(kind, text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


def _scale(text: str) -> Scale:
    try:
        return parse_scale(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _whole_number(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.lstrip("-").isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return parse


def _users(text: str) -> int | None:
    if text in ("all", "none"):
        return None if text == "all" else 0
    try:
        return _whole_number(0)(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither all nor none nor a whole number"
        ) from None


def _setting(text: str) -> Setting:
    try:
        return parse_setting(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _limit(text: str) -> Limit:
    number = text.removesuffix("%")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) or (text == number and "." in number):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a share like 1% nor a number")
    is_share = text != number
    return Limit(float(number) / 100 if is_share else float(number), is_share)


def _weight(text: str) -> float | None:
    """None for AUTO."""
    if text == AUTO:
        return None
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not 0 <= weight < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 0, or {AUTO}")
    return weight


def _writable(text: str) -> str:
    folder = Path(text).parent
    if Path(text).is_dir() or not os.access(folder, os.W_OK):
        raise argparse.ArgumentTypeError(f"cannot write {text}: {folder} must be a writable folder")
    return text
