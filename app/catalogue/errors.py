"""What a catalogue cannot answer."""


class CatalogueError(Exception):
    """The base of the exceptions in this module."""


class MovieNotFound(CatalogueError):
    """There is no such movie, or a curator hid it."""

    def __init__(self, movie_id: int) -> None:
        super().__init__(f"There is no movie {movie_id}.")
        self.movie_id = movie_id


class UnknownMovies(CatalogueError):
    """There are no such movies, or a curator hid them."""

    def __init__(self, movie_ids: tuple[int, ...]) -> None:
        super().__init__(f"There is no movie {', '.join(map(str, movie_ids))}.")
        self.movie_ids = movie_ids


class RunNotFound(CatalogueError):
    """No run with this number was ever published."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"There is no published run {run_id}.")
        self.run_id = run_id


class RunNotKept(CatalogueError):
    """The rows of the run are gone; `kept` are the runs that can be requested."""

    def __init__(self, run_id: int, kept: tuple[int, ...]) -> None:
        numbers = ", ".join(map(str, kept)) or "none"
        super().__init__(f"run {run_id} has no rows to serve; kept: {numbers}")
        self.run_id = run_id
        self.kept = kept


class UnknownGenre(CatalogueError):
    """The catalogue lacks these genres, as the filter names them; `known` are those it has."""

    def __init__(self, genres: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__(f"There is no genre {', '.join(genres)}.")
        self.genres = genres
        self.known = known
