"""What the first rows of a file tell, and that every way to read a row comes to the same."""

import io
import itertools

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import plan_splits
from spark_jobs.input.formats import records
from spark_jobs.input.formats.ids import code_of, movie_number
from spark_jobs.input.formats.input_options import InputOptions
from spark_jobs.input.formats.scale import parse_scale
from spark_jobs.input.movies.catalogue import MovieIndex, codes, movie_ids, read_movies
from spark_jobs.input.ratings import blocks
from spark_jobs.input.ratings.blocks import parse
from spark_jobs.input.ratings.scan import scan_splits
from spark_jobs.model.aggregation.aggregate import count
from tests.job.conftest import MOVIES_HEADER, RATINGS_HEADER

SIMPLE = "1,1,4.0,5\n2,1,3.5,6\n2,2,0.5,7\n"
SAME = {
    "as MovieLens has it": f"{RATINGS_HEADER}\n{SIMPLE}",
    "semicolons": f"{RATINGS_HEADER}\n{SIMPLE}".replace(",", ";"),
    "tabs": f"{RATINGS_HEADER}\n{SIMPLE}".replace(",", "\t"),
    "bars": f"{RATINGS_HEADER}\n{SIMPLE}".replace(",", "|"),
    "another order": "timestamp,rating,movieId,userId\n5,4.0,1,1\n6,3.5,1,2\n7,.5,2,2\n",
    "other names": f"User-ID,item_id,Your Rating,Date Rated\n{SIMPLE}",
    "more than needed": "movie_id,x,user,score,y,ts,date\n1,a,1,4,,,5\n1,,2,3.5,,,6\n2,,2,.5,,,7\n",
    "more numbers": "movie_id,x,user,score,y,date\n1,9,1,4,9,5\n1,9,2,3.5,9,6\n2,9,2,.5,9,7\n",
    "quoted": '"userId","movieId","rating","timestamp"\n"1","1","4","5"\n"2","1","3.5","6"\n'
    '"2","2","0.5","7"\n',
    "a quoted header": f'"userId","movieId","rating","timestamp"\n{SIMPLE}',
    "text beside": 'user;movie;stars;time;note\n1;1;4;5;"a;\n1;1;1;1;x"\n2;1;3.5;6;"say ""hi"""\n'
    "2;2;0.5;7;\n",
    "blanks": "userId, movieId, rating, timestamp\n1, 1, 4.0, 5\n2, 1, 3.5, 6\n2, 2, 0.5, 7\n",
    "floats": "user_id,movie_id,rating,timestamp\n1.0,1.0,4.0,5.0\n2.0,1.0,3.5,6.0\n2.0,2.0,.5,7\n",
    "milliseconds": "userId,movieId,rating,timestamp\n1,1,4.0,1000000005000\n"
    "2,1,3.5,1000000006999\n2,2,0.5,1000000007000\n",
    "ISO": "userId,movieId,rating,timestamp\n1,1,4.0,1970-01-01 00:00:05\n"
    "2,1,3.5,1970-01-01T00:00:06.9Z\n2,2,0.5,1970-01-01T01:00:07+01:00\n",
}


def counted(folder, options=None):
    """(half-star counts, last times by movie id, rejected by reason) of all ratings."""
    found = find_input(str(folder), options=options)
    table, _ = read_movies(found.movies)
    index = MovieIndex(movie_ids(table), codes(table))
    tally = count(scan_splits(plan_splits("ratings", found.ratings), index), len(index))
    last = tally.counts.last_rated_at % 1_000_000_000
    return tally.counts.half_stars.tolist(), last.tolist(), dict(tally.rejected.counts)


@pytest.fixture
def folder(write_input):
    return write_input(["1,Alien (1979),Horror", "2,Heat (1995),Crime"])


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_the_same_ratings_are_understood_however_they_are_written(folder, text):
    (folder / "ratings.csv").write_text(SAME["as MovieLens has it"])
    expected = counted(folder)
    (folder / "ratings.csv").write_text(text)
    assert counted(folder) == expected
    assert expected[2] == {}


def test_a_date_alone_is_its_midnight_and_no_time_is_none(folder):
    (folder / "ratings.csv").write_text(f"{RATINGS_HEADER}\n1,1,4,1970-01-02\n")
    assert counted(folder)[1][0] == 86_400
    (folder / "ratings.csv").write_text("userId,movieId,rating\n1,1,4\n")
    assert not find_input(str(folder)).has_times
    assert counted(folder)[2] == {}
    (folder / "ratings.csv").write_text(f"{RATINGS_HEADER}\n1,1,4,yesterday\n")
    without = InputOptions(columns={"ratings": {"time": "none"}})
    assert counted(folder)[2] == {"bad_timestamp": 1}
    assert counted(folder, without)[2] == {}


def test_columns_of_any_name_and_of_none_are_told(folder):
    (folder / "ratings.csv").write_text("who,what,how much\n1,2,4\n")
    named = {"user": "who", "movie": "what", "rating": "how much"}
    half_stars, _, rejected = counted(folder, InputOptions(columns={"ratings": named}))
    assert (half_stars[1][7], rejected) == (1, {})
    (folder / "ratings.csv").write_text("4,1,2\n")
    placed = {"user": "2", "movie": "3", "rating": "1"}
    half_stars, _, rejected = counted(folder, InputOptions(columns={"ratings": placed}))
    assert (half_stars[1][7], rejected) == (1, {})


def test_text_ids_have_numbers_that_depend_on_nothing_else(write_input):
    folder = write_input()
    books = ["ISBN;Book-Title", "034545104X;A", "0155061224;B"]
    rows = ["User-ID;ISBN;Book-Rating", "anna;034545104X;4", "ben;0155061224;3", "ben;99;1"]
    numbers = []
    for order in (1, -1):
        (folder / "movies.csv").write_text("\n".join([books[0], *books[1:][::order], ""]))
        (folder / "ratings.csv").write_text("\n".join([rows[0], *rows[1:][::order], ""]))
        numbers.append(movie_ids(read_movies(find_input(str(folder)).movies)[0]).tolist())
        half_stars, _, rejected = counted(folder)
        assert np.array(half_stars).sum() == 2
        assert rejected == {"unknown_movie": 1}
    assert (
        numbers[0]
        == numbers[1]
        == sorted(map(movie_number, map(code_of, ("034545104X", "0155061224"))))
    )


def test_the_catalogue_decides_how_ratings_name_movies(folder):
    (folder / "movies.csv").write_text("isbn,title\n155061224,A\n034545104X,B\n")
    (folder / "ratings.csv").write_text(f"{RATINGS_HEADER}\n1,155061224,4.0,5\n")
    half_stars, _, rejected = counted(folder)
    assert (np.array(half_stars).sum(), rejected) == (1, {})


def test_ids_that_share_a_number_are_rejected_not_mixed_up(write_input, monkeypatch):
    monkeypatch.setattr("spark_jobs.input.formats.ids.movie_number", lambda code: 1 + code % 2)
    folder = write_input()
    (folder / "movies.csv").write_text("isbn,title\na,A\nb,B\nc,C\nd,D\n")
    table, rejected = read_movies(find_input(str(folder)).movies)
    assert {reason for _, reason, _ in rejected} == {"id_collision"}
    assert table.num_rows + len(rejected) == 4
    assert len(rejected) >= 2


def test_a_few_words_among_numeric_ids_are_dirt_and_many_are_text_ids(folder):
    numbers = "".join(f"{user},1,4\n" for user in range(1, 200))
    (folder / "ratings.csv").write_text(f"user,movie,rating\nanna,1,4\n{numbers}")
    assert counted(folder)[2] == {"bad_id": 1}
    (folder / "ratings.csv").write_text(f"user,movie,rating\nanna,1,4\nben,1,3\n{numbers}")
    assert counted(folder)[2] == {"bad_id": 2} or counted(folder)[2] == {}
    (folder / "ratings.csv").write_text("user,movie,rating\nanna,1,4\nben,1,3\n")
    assert counted(folder)[2] == {}


@pytest.mark.parametrize(
    ("scale", "ratings_and_half_stars"),
    [
        ("1-10", {1: 1, 7: 7, 7.5: 8, 10: 10}),
        ("1-5", {1: 2, 2: 4, 3.7: 7, 3.75: 8, 5: 10}),
        ("0-100", {0: 1, 4: 1, 85: 9, 84: 8, 95: 10, 100: 10}),
        ("0.5-5", {0.5: 1, 3.6: 7, 5: 10}),
    ],
)
def test_a_scale_becomes_half_stars_by_the_stated_rule(scale, ratings_and_half_stars):
    half_stars = blocks.to_half_stars(
        np.array(list(ratings_and_half_stars), float), parse_scale(scale)
    )
    assert half_stars.tolist() == list(ratings_and_half_stars.values())


def test_a_rating_of_zero_that_means_none_is_counted_apart(folder):
    (folder / "ratings.csv").write_text(f"{RATINGS_HEADER}\n1,1,0,5\n2,1,-1,5\n3,1,8,5\n4,9,0,5\n")
    options = InputOptions(scale=parse_scale("1-10"), zero_is_missing=True)
    found = find_input(str(folder), options=options)
    index = MovieIndex(np.array([1, 2], np.int32))
    tally = count(scan_splits(plan_splits("ratings", found.ratings), index), len(index))
    assert (tally.counts.ratings, tally.not_rated, tally.rejected.counts) == (1, 3, {})


ROWS = [
    "1,1,4.0,5,x",
    '2,"1",3.5,6,"a, ""b"""',
    '3,1,2.0,7,"two\nlines"',
    "x,1,4.0,5,",
    "4,1,9.0,5,",
    "5,1,good,5,",
    "6,7,4.0,5,",
    "7,1,4.0,later,",
    "8,1,-1,5,",
    ",1,4,5,",
    '9,1,4.0,5,12" disc',
    '10,1,4.0,5,"a"b',
]
BROKEN = ["10,1,4.0", '11,1,4.0,5,"open', '12,1,4.0,5,"a"b', "23,1,4.0,5,\x00"]


def test_a_row_is_parsed_alike_at_one_go_and_record_by_record(folder):
    header = "user,movie,rating,time,note\n"
    (folder / "ratings.csv").write_text(header + "\n".join(ROWS) + "\n")
    (file,) = find_input(str(folder)).ratings
    file_format = file.format
    index = MovieIndex(np.array([1, 2], np.int32))
    alone = {row: parse(f"{row}\n".encode(), file_format, index) for row in [*ROWS, *BROKEN]}
    for row, broken in itertools.product(ROWS, ["", *BROKEN]):
        block = f"{broken}\n{row}\n" if broken else f"{row}\n"
        found = parse(block.encode(), file_format, index)
        expected = alone[row].rejected + (alone[broken].rejected if broken else [])
        assert sorted(found.rejected) == sorted(expected), block
        users = found.ratings.user.tolist()
        assert users == [*(alone[broken].ratings.user if broken else []), *alone[row].ratings.user]
    assert {reason for one in alone.values() for reason, _ in one.rejected} == {
        "bad_id", "rating_out_of_range", "malformed", "unknown_movie", "bad_timestamp", "bad_text",
    }  # fmt: skip


def test_plain_blocks_are_converted_at_one_go(folder, monkeypatch):
    # The price of a look at each record must be paid for odd blocks alone.
    for text in SAME.values():
        (folder / "ratings.csv").write_text(text)
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "_read_by_record", None)
            patch.setattr(blocks, "_mend", None)
            assert counted(folder)[2] == {}


def test_quoted_line_breaks_survive_wherever_blocks_end(folder, monkeypatch):
    note = '"a\n\n1,1,5.0,5\r\n b, ""c"""'
    rows = "".join(f"{user},1,4.0,5,{note}\n" for user in range(1, 30))
    (folder / "ratings.csv").write_bytes(f"user,movie,rating,time,note\n{rows}".encode())
    for block_bytes in (7, 40, 10_000):
        monkeypatch.setattr("spark_jobs.input.files.splits.BLOCK_BYTES", block_bytes)
        half_stars, _, rejected = counted(folder)
        assert (half_stars[0][7], rejected) == (29, {})


def test_a_quote_that_nobody_closes_costs_its_own_row_alone(folder, monkeypatch):
    rows = [f"{user},1,4.0,5,fine" for user in range(1, 3_000)]
    rows[10] = '11,1,4.0,5,"open'
    (folder / "ratings.csv").write_text("\n".join(["user,movie,rating,time,note", *rows, ""]))
    monkeypatch.setattr("spark_jobs.input.files.splits.BLOCK_BYTES", 4_000)
    half_stars, _, rejected = counted(folder)
    assert (half_stars[0][7], rejected) == (2_998, {"malformed": 1})


TITLES = ["A\nB (1999)", 'q "x", y|z;\t(2000)', "line\r\nbreak"]


def test_what_becomes_text_on_the_way_survives_in_parquet(folder):
    genres = [["Ac|tion", "Drama, War"], ["x\ny", 'a "b"'], []]
    table = pa.table({"movieId": [1, 2, 3], "title": TITLES, "genres": genres})
    pq.write_table(table, folder / "movies.parquet")
    (folder / "movies.csv").unlink()
    movies, rejected = read_movies(find_input(str(folder)).movies)
    assert rejected == []
    assert movies["title"].to_pylist() == ["A\nB", 'q "x", y|z;', "line\r\nbreak"]
    assert movies["year"].to_pylist() == [1999, 2000, None]
    assert movies["genres"].to_pylist() == genres


def test_a_nul_in_parquet_is_one_rejected_row_that_shows_it(folder):
    table = pa.table({"movieId": [1, 2], "title": ["A", "N\0UL\nx"], "genres": ["", ""]})
    pq.write_table(table, folder / "movies.parquet")
    (folder / "movies.csv").unlink()
    movies, rejected = read_movies(find_input(str(folder)).movies)
    assert movies["title"].to_pylist() == ["A"]
    assert rejected == [("movies.parquet", "bad_text", '"2","N\\x00UL\\x0ax",""')]


def test_line_breaks_in_quotes_survive_in_csv(folder):
    (folder / "movies.csv").write_text(f'{MOVIES_HEADER}\n1,"A\nB (1999)","War|Drama"\n2,C,\n')
    movies, rejected = read_movies(find_input(str(folder)).movies)
    assert (movies["title"].to_pylist(), rejected) == (["A\nB", "C"], [])


def test_other_peoples_movies(folder):
    text = 'anime_id;name;genre;Year-Of-Publication\n1;"A \\"b\\"";Action, War;1999\n2;Ç;[];0\n'
    (folder / "movies.csv").write_bytes(text.encode("latin-1"))
    movies, rejected = read_movies(find_input(str(folder)).movies)
    assert rejected == []
    assert movies.to_pylist() == [
        {"movie_id": 1, "title": 'A "b"', "year": 1999, "genres": ["Action", "War"]},
        {"movie_id": 2, "title": "Ç", "year": None, "genres": []},
    ]


def test_parquet_with_other_names_and_types(folder):
    table = pa.table(
        {
            "User-ID": pa.array(["u\n1", "u2"]).dictionary_encode(),
            "item_id": pa.array([1.0, 2.0]),
            "stars": pa.array([4, 5], pa.int8()),
            "date": pa.array([1, 2], pa.date32()),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    (folder / "ratings.csv").unlink()
    (folder / "ratings.parquet").write_bytes(out.getvalue())
    half_stars, last, rejected = counted(folder)
    assert ([row[7] for row in half_stars], last, rejected) == ([1, 0], [86_400, 172_800], {})


def test_a_record_of_many_lines_is_bounded():
    (file_format,) = {records.FileFormat("csv", may_span_lines=True)}
    block = b'1,"' + b"x\n" * records.MOST_LINES + b'"\n'
    assert len(records.records(block, file_format)) == records.MOST_LINES + 1
