"""Titles set into lines that fit, by the widths of letters.

The reader's font is not known: the widths are those of DejaVu Sans Bold, the widest of the usual
ones, so in any other a line is shorter than measured.
"""

import unicodedata
from dataclasses import dataclass

SIZES = ((34, 2), (29, 3), (25, 3), (21, 4), (18, 5))
"""(font size, the most lines that a title of this size may take), the largest first."""
ELLIPSIS = "…"
OTHER, WIDE = 0.75, 1.05
"""Widths of letters that the table lacks, and of full-width ones such as 影; in ems."""
GROUPS = {
    31: "'’",
    34: "ijl",
    37: " /IJ\\|",
    40: ",.:;",
    44: "-f",
    46: "!()[]",
    49: "tr",
    52: '"*“”_`',
    59: "?zc",
    64: "Ls",
    68: "EFTaekvxy",
    72: "$0123456789SYbdgpqhnou{}",
    77: "ABCKPRVXZ",
    84: "DGHNU#+<=>^~",
    87: "OQ&",
    92: "w",
    104: "%@Mm" + ELLIPSIS,
    110: "W",
}
WIDTHS = {letter: width / 100 for width, letters in GROUPS.items() for letter in letters}


@dataclass(frozen=True, slots=True)
class Lettering:
    """Lines of text in one size."""

    size: int
    lines: list[str]


def width(text: str) -> float:
    """The width of a text in ems; an accent takes no room."""
    return sum(map(_width, unicodedata.normalize("NFD", text)))


def set_title(title: str, room: float) -> Lettering:
    """The title as large as fits into lines of `room`, cut if it is too long."""
    for size, most in SIZES:
        lines = _wrap(title.split(), room / size)
        if len(lines) <= most and all(width(line) * size <= room for line in lines):
            return Lettering(size, lines)
    size, most = SIZES[-1]
    lines = _wrap(_broken(title.split(), room / size), room / size)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(lines[most - 1], room / size)]
    return Lettering(size, lines)


def _width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0
    is_wide = unicodedata.east_asian_width(letter) in "WF"
    return WIDTHS.get(letter, WIDE if is_wide else OTHER)


def _wrap(words: list[str], room: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _broken(words: list[str], room: float) -> list[str]:
    """The words; those that are too long for a line are split."""
    pieces: list[str] = []
    for word in words:
        piece = ""
        for letter in word:
            if piece and width(piece + letter) > room:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces.append(piece)
    return pieces


def _cut(line: str, room: float) -> str:
    while line and width(line + ELLIPSIS) > room:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS
