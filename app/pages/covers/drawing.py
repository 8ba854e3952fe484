"""A cover: a motif of the movie's most distinctive genre, in the colours of this and another
genre, and the title."""

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from random import Random

from app.catalogue.digest import digest
from app.catalogue.movies.spoken_titles import spoken_title
from app.pages.covers.lettering import Lettering, set_title
from app.pages.covers.motifs import OF_GENRE
from app.pages.covers.palettes import PALETTES, Palette, telling_genres

WIDTH, HEIGHT, MARGIN = 200, 300, 14
LEADING = 1.14
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
    f'viewBox="0 0 {WIDTH} {HEIGHT}">'
)


@dataclass(frozen=True, slots=True)
class CoverSubject:
    """What a cover depends on."""

    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]


def draw(subject: CoverSubject, *, titled: bool = True) -> str:
    """The cover as SVG; the same for the same subject."""
    chance = Random(subject.movie_id)  # noqa: S311  # not for secrets
    main, *others = telling_genres(subject.genres)
    palette = PALETTES[main]
    tint = PALETTES[chance.choice(others)].shape if others else palette.second
    motif = chance.choice(OF_GENRE[main])
    colours = palette.shape, _apart(tint, palette)
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.ground}"/>'
    if not titled:
        return f"{SVG}{ground}{_picture(motif(chance, HEIGHT, *colours), 0, HEIGHT)}</svg>"
    text, lettering = _text(subject, palette)
    high = HEIGHT - _block(lettering, subject.year)
    picture = _picture(motif(chance, high, *colours), 0, high)
    return f"{SVG}{ground}{picture}{text}</svg>"


def cover_version(subject: CoverSubject) -> str:
    """Identifies what the cover shows, and how: with it, an address never changes its meaning."""
    return digest(f"{release()} {subject}", size=4)


@cache
def release() -> str:
    """Digest of the code that draws."""
    modules = sorted(Path(__file__).parent.rglob("*.py"))
    return digest(b"".join(module.read_bytes() for module in modules))


def _apart(tint: str, palette: Palette) -> str:
    """The other genre's colour, unless it is too close to this ground."""
    return tint if _distance(tint, palette.ground) > 130 else palette.second


def _distance(one: str, other: str) -> int:
    pairs = ((int(one[n : n + 2], 16), int(other[n : n + 2], 16)) for n in (1, 3, 5))
    return sum(abs(a - b) for a, b in pairs)


def _picture(drawn: str, top: int, high: int) -> str:
    """The drawing in a frame of its own, which clips it."""
    return f'<svg y="{top}" width="{WIDTH}" height="{high}">{drawn}</svg>'


def _block(lettering: Lettering, year: int | None) -> int:
    """The height of the title's block, with the space around it."""
    lines = round(len(lettering.lines) * lettering.size * LEADING)
    return lines + (20 if year else 4) + 22


def _text(subject: CoverSubject, palette: Palette) -> tuple[str, Lettering]:
    title = spoken_title(subject.title).title
    lettering = set_title(title, WIDTH - 2 * MARGIN)
    size, lines = lettering.size, lettering.lines
    last = HEIGHT - 14 - (20 if subject.year else 4)
    first = last - round((len(lines) - 1) * size * LEADING)
    spans = "".join(
        f'<tspan x="{MARGIN}" y="{first + round(n * size * LEADING)}">{escape(line)}</tspan>'
        for n, line in enumerate(lines)
    )
    year = (
        f'<tspan x="{MARGIN}" y="{HEIGHT - 14}" font-size="13">{subject.year}</tspan>'
        if subject.year
        else ""
    )
    font = f'fill="{palette.ink}" font-family="sans-serif" font-weight="700" font-size="{size}"'
    return f"<text {font}>{spans}{year}</text>", lettering
