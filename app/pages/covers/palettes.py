"""The colours of covers, four per genre; `ink` has a contrast of 7 to 1 on `ground`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in hexadecimal."""

    ground: str
    shape: str
    second: str
    ink: str


NO_GENRE = "(no genres listed)"
PALETTES = {
    "Documentary": Palette("#e6e1d5", "#2c4a5a", "#a08a5f", "#17211f"),
    "Film-Noir": Palette("#16161a", "#e4dfd0", "#575a66", "#f3efe4"),
    "Western": Palette("#43260f", "#d98a3a", "#8a4a20", "#fbe9cf"),
    "Horror": Palette("#170a0d", "#8f1420", "#c9c2a8", "#f3e6dc"),
    "Musical": Palette("#3a1140", "#f2a93b", "#d9548c", "#fdeefa"),
    "War": Palette("#2d3122", "#8b8f63", "#c9a45c", "#f3f0dc"),
    "Animation": Palette("#f7d154", "#e4572e", "#2e6fa7", "#20180a"),
    "IMAX": Palette("#062a3f", "#2fb5d6", "#f6f3e6", "#e9f8ff"),
    "Sci-Fi": Palette("#0c1a3e", "#2f6fd0", "#63d8c9", "#e8f2ff"),
    "Children": Palette("#bfe3dd", "#f07f5a", "#3d7f9e", "#0d2a30"),
    "Fantasy": Palette("#241748", "#8d6be0", "#f0c15a", "#f2ecff"),
    "Mystery": Palette("#12302f", "#3c7f78", "#e3b04b", "#e8f6ef"),
    "Crime": Palette("#20242c", "#c23b2b", "#4d576a", "#f4f1ea"),
    "Romance": Palette("#f6d5d2", "#c43d5a", "#e79a86", "#3a0d18"),
    "Adventure": Palette("#0f3d3a", "#e0a13c", "#4f9d86", "#effaf3"),
    "Thriller": Palette("#1d2b36", "#e2b714", "#4a7590", "#f1f6f8"),
    "Action": Palette("#3b0d0c", "#f0632c", "#f7b733", "#fff0e2"),
    "Comedy": Palette("#fbe3b5", "#e4653a", "#2f8f83", "#2b1605"),
    "Drama": Palette("#18303a", "#d8a24a", "#3f7382", "#f2f4ee"),
    NO_GENRE: Palette("#dedbd3", "#6d6a63", "#a9a498", "#1d1c19"),
}
"""By genre, the most distinctive first: most movies are also Drama or Comedy."""
RANKS = {genre: place for place, genre in enumerate(PALETTES)}


def telling_genres(genres: tuple[str, ...]) -> list[str]:
    """A movie's genres, the most distinctive first; unknown ones come last, as no genre."""
    return sorted(
        {genre if genre in RANKS else NO_GENRE for genre in genres} or {NO_GENRE},
        key=RANKS.__getitem__,
    )
