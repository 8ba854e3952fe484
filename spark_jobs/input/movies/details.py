"""More about the movies: MovieLens' links.csv and tags.csv, which an input may lack.

Invalid rows are rejected with a reason, as those of movies and ratings are, but however many
there are, the run is published.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from spark_jobs.input.files.input_files import Input
from spark_jobs.input.movies.links import Link, read_links
from spark_jobs.input.movies.tags import read_tags, rejected_tags
from spark_jobs.input.rejection import Rejected, RejectedRow, RowCounts


@dataclass(frozen=True)
class Details:
    """Links and tags by movie id, and the row counts of the kinds that the input has."""

    links: dict[int, Link] = field(default_factory=dict)
    tags: dict[int, list[str]] = field(default_factory=dict)
    rows: dict[str, RowCounts] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)

    def joined(self, movies: pa.Table) -> pa.Table:
        """Add columns for them to the catalogue: "" without an id, null without tags."""
        movie_ids = movies["movie_id"].to_pylist()
        links = [self.links.get(movie_id) for movie_id in movie_ids]
        tags = [self.tags.get(movie_id) for movie_id in movie_ids]
        columns = {
            "imdb_id": [link.imdb_id if link else "" for link in links],
            "tmdb_id": [link.tmdb_id if link else "" for link in links],
            "tags": [json.dumps(some, ensure_ascii=False) if some else None for some in tags],
        }
        for name, values in columns.items():
            movies = movies.append_column(name, pa.array(values, pa.string()))
        return movies


def read_details(source: Input, movies: pa.Table) -> Details:
    """Read the details of the movies in the catalogue."""
    known = frozenset(movies["movie_id"].to_pylist())
    links, others = read_links(source.links, known)
    rejected_links = Rejected.of(others)
    tags, tag_rows, tags_rejected = read_tags(source.tags, known)
    rows = {"links": RowCounts.of(len(links), rejected_links), "tags": tag_rows}
    rejected = {"links": rejected_links, "tags": tags_rejected}
    present = [kind for kind, files in (("links", source.links), ("tags", source.tags)) if files]
    return Details(
        links, tags, {kind: rows[kind] for kind in present}, {k: rejected[k] for k in present}
    )


def rejected_details(source: Input, movies: pa.Table) -> dict[str, Iterator[RejectedRow]]:
    """All rejected rows of each kind; reads the files again."""
    known = frozenset(movies["movie_id"].to_pylist())
    return {
        "links": iter(read_links(source.links, known)[1]),
        "tags": rejected_tags(source.tags, known),
    }
