"""Arguments that make no sense are refused at once, in one line, before Spark starts."""

import pytest

from spark_jobs.options import build_parser, parse_options

GOOD = ["--input", "data", "--database", "sqlite:///x.sqlite3"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "--input"),
        (["--input", "data"], "--database is required"),
        ([*GOOD, "--min-ratings", "-1"], "'-1' is not a whole number of at least 0"),
        ([*GOOD, "--min-ratings", "many"], "'many' is not a whole number"),
        ([*GOOD, "--min-ratings", "１"], "is not a whole number"),
        ([*GOOD, "--min-ratings", ""], "is not a whole number"),
        ([*GOOD, "--users", "some"], "'some' is neither all nor none nor a whole number"),
        ([*GOOD, "--users=-1"], "'-1' is neither all nor none"),
        ([*GOOD, "--min-support", "0"], "'0' is not a whole number of at least 1"),
        ([*GOOD, "--max-items", "0"], "'0' is not a whole number of at least 1"),
        ([*GOOD, "--model", "l2=3"], "'l2' is not one of items.rating_weight, "),
        ([*GOOD, "--model", "items.min_support=3"], "'items.min_support' is not one of"),
        (
            [*GOOD, "--model", "items.l2"],
            "items.l2 takes a number of at least 0, and not 0, not ''",
        ),
        (
            [*GOOD, "--model", "visitors.l2=0"],
            "visitors.l2 takes a number of at least 0, and not 0",
        ),
        ([*GOOD, "--model", "items.dropout=nan"], "items.dropout takes a number of at least 0"),
        ([*GOOD, "--model", "items.dropout=inf"], "items.dropout takes a number of at least 0"),
        ([*GOOD, "--model", "visitors.liked_from=6"], "takes a number from 0.5 to 5, not '6'"),
        ([*GOOD, "--keep-runs", "0"], "'0' is not a whole number of at least 1"),
        ([*GOOD, "--prior-weight", "-0.5"], "'-0.5' is not a number of at least 0"),
        ([*GOOD, "--prior-weight", "nan"], "'nan' is not a number"),
        ([*GOOD, "--prior-weight", "inf"], "'inf' is not a number"),
        ([*GOOD, "--max-rejected", "some"], "'some' is neither a share like 1% nor a number"),
        ([*GOOD, "--max-rejected=-1%"], "'-1%' is neither a share"),
        ([*GOOD, "--max-rejected", "0.5"], "'0.5' is neither a share"),
        ([*GOOD, "--allow", "everything"], "invalid choice: 'everything'"),
        ([*GOOD, "--summary-json", "/nowhere/x.json"], "must be a writable folder"),
        ([*GOOD, "--no-such-option"], "--no-such-option"),
        ([*GOOD, "--min", "3"], "--min"),
        ([*GOOD, "--columns", "user"], "'user' must have the form user=NAME,movie=NAME"),
        ([*GOOD, "--columns", "user=a,user=b"], "names a column twice"),
        ([*GOOD, "--columns", "title=a"], "must have the form user=NAME"),
        ([*GOOD, "--columns", "rating=none"], "rating cannot be left out"),
        ([*GOOD, "--movie-columns", "user=a"], "must have the form movie=NAME,title=NAME"),
        ([*GOOD, "--scale", "10"], "'10' is not a scale: it must have the form LOW-HIGH"),
        ([*GOOD, "--scale", "5-1"], "'5-1' is not a scale"),
        ([*GOOD, "--zero", "one"], "invalid choice: 'one'"),
        (["--input", "d", "--database", "postgres://h/d"], "must have the form mysql://"),
        (["--input", "d", "--database", "mysql://h"], "must have the form mysql://"),
        (["--input", "d", "--database", "mysql://h:port/d"], "must have the form mysql://"),
        (["--input", "d", "--database", "sqlite://x"], "must have the form mysql://"),
        (["--input", "d", "--database", "mysql://u:p@h/d"], "must not contain credentials"),
        (["--input", "d", "--database", "mysql://h/d?password=p"], "must not contain credentials"),
    ],
)
def test_a_senseless_argument_is_one_line(arguments, expected, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse_options(arguments)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert expected in line


def test_the_defaults_are_the_classic_ones():
    options = parse_options(GOOD)
    assert (options.min_ratings, options.prior_weight, options.keep_runs) == (50, 50.0, 3)


def test_an_address_is_understood():
    options = parse_options(
        ["--input", "d", "--database", "mysql://db.example:3307/d?sslMode=REQUIRED"]
    )
    address = options.database
    assert (address.host, address.port, address.name) == ("db.example", 3307, "d")
    assert address.options == {"sslMode": "REQUIRED"}
    assert str(parse_options(GOOD).database) == "sqlite:///x.sqlite3"


def test_every_option_is_explained():
    explained = [action for action in build_parser()._actions if action.option_strings]
    assert all(action.help for action in explained)


def test_columns_may_have_commas_in_their_names():
    options = parse_options([*GOOD, "--columns", "user=last, first,rating=stars,time=none"])
    assert options.columns == {"user": "last, first", "rating": "stars", "time": "none"}


def test_the_run_keeps_how_the_files_were_read():
    assert parse_options(GOOD).parameters()["scale"] == "0.5-5"
    told = parse_options([*GOOD, "--scale", "1-10", "--zero", "missing", "--columns", "user=u"])
    assert told.parameters().items() >= {
        "scale": "1-10", "zero": "missing", "columns": {"user": "u"}
    }.items()  # fmt: skip


def test_whose_lists_are_made_and_of_what_is_told_with_the_run():
    def told(*arguments):
        return set(parse_options([*GOOD, *arguments]).parameters().items())

    assert told() >= {("users", 200_000), ("min_support", 5)}
    assert told("--users", "all", "--max-items", "7") >= {("users", "all"), ("max_items", 7)}
    assert told("--users", "none") >= {("users", 0)}
    assert ("no_models", True) in told("--no-models")
    chosen = parse_options([*GOOD, "--model", "items.l2=7", "--model", "items.l2=8"])
    assert chosen.parameters()["model"] == {"items.l2": 8.0}
    assert chosen.model_config().items.l2 == 8
    assert chosen.model_config().visitors == parse_options(GOOD).model_config().visitors
