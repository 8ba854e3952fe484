"""The rows of a run, table by table, as the contract names them.

Another table of a run takes one entry in `run_tables` and one in the contract.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from spark_jobs.input.rejection import Rejected

SAMPLE_COLUMNS = ("file", "reason", "raw")


def run_tables(
    movies: pa.Table, ranked: pa.Table, rejected: Iterable[Rejected]
) -> dict[str, pa.Table]:
    """Table of the contract -> its rows, without the id of the run.

    `movies` is that of `Catalogue.with_details`, which adds the columns of links and tags; `ranked`
    the rows of `make_ranking`.
    """
    return {
        "app_stagedmovie": movies.drop_columns("genres"),
        "app_stagedmoviegenre": _genres(movies),
        "app_recommendationdata": ranking_rows(ranked, movies),
        "app_rejectedrow": _samples(rejected),
    }


def ranking_rows(ranked: pa.Table, movies: pa.Table) -> pa.Table:
    """Add each movie's year, which the site filters by, to the ranking, and make times text.

    SQLite has no other type for a time, and MySQL's driver takes longer over one timestamp than
    over all other columns of the row.
    """
    place = ranked.column_names.index("last_rated_at")
    times = pc.strftime(ranked["last_rated_at"], "%Y-%m-%d %H:%M:%S")
    rows = pc.index_in(ranked["movie_id"], value_set=movies["movie_id"].combine_chunks())
    years = movies["year"].take(rows)
    return ranked.set_column(place, "last_rated_at", times).append_column("year", years)


def _genres(movies: pa.Table) -> pa.Table:
    genres = movies["genres"].combine_chunks()
    movie_ids = movies["movie_id"].take(pc.list_parent_indices(genres))
    return pa.table({"movie_id": movie_ids, "genre": genres.flatten()})


def _samples(rejected: Iterable[Rejected]) -> pa.Table:
    rows = [
        {"file": file, "reason": reason, "raw": raw}
        for some in rejected
        for reason, sample in sorted(some.sample.items())
        for file, raw in sample
    ]
    schema = pa.schema([(name, pa.string()) for name in SAMPLE_COLUMNS])
    return pa.Table.from_pylist(rows, schema)
