"""Shapes that repeat or meet; some stand for print, sounds or crowds."""

from random import Random

from app.pages.covers.motifs.shapes import circle, line, path


def strands(chance: Random, height: int, one: str, two: str) -> str:
    """Waving strands."""

    def strand() -> str:
        start, *bends, end = (chance.randint(16, height - 16) for _ in range(4))
        return f"M-5 {start}C60 {bends[0]} 130 {bends[1]} 205 {end}"

    return line(strand() + strand() + strand(), two, 5) + line(strand() + strand(), one, 8)


def overlap(chance: Random, height: int, one: str, two: str) -> str:
    """Two circles that meet."""
    radius, y = chance.randint(44, 58), height / 2
    apart = chance.randint(22, 36)
    lift = chance.randint(-16, 16)
    second = circle(100 + apart, y + lift, radius, one).replace("/>", ' fill-opacity=".8"/>')
    return circle(100 - apart, y - lift, radius, two) + second


def squares(chance: Random, height: int, one: str, two: str) -> str:
    """Pictures that turn, one after another."""
    x, y, turn = 100, height // 2, chance.randint(9, 17)
    return "".join(
        f'<rect x="{x - s}" y="{y - s}" width="{2 * s}" height="{2 * s}" '
        f'fill="{(one, two)[n % 2]}" transform="rotate({n * turn} {x} {y})"/>'
        for n, s in enumerate(range(66, 10, -14))
    )


def burst(chance: Random, height: int, one: str, two: str) -> str:
    """An explosion."""
    x, y = chance.randint(60, 140), chance.randint(50, max(52, height - 50))
    ends = [-200, -110, -40, 20, 90, 150, 230, 320, 400]
    rays = "".join(f"M{x} {y}L{end} -60h34z" for end in ends)
    rays += "".join(f"M{x} {y}L{end} {height + 60}h34z" for end in ends)
    return path(rays, one) + circle(x, y, chance.randint(22, 32), two)


def chevrons(chance: Random, height: int, one: str, two: str) -> str:
    """Chevrons in a row."""
    depth, gap = chance.randint(30, 60), chance.randint(32, 42)
    side = chance.choice((1, -1))
    start = -30 if side == 1 else 230
    strokes = [
        f"M{start + side * n * gap} -10l{side * depth} {height // 2 + 10}"
        f"l{-side * depth} {height // 2 + 10}"
        for n in range(6)
    ]
    return line("".join(strokes[::2]), two, 12) + line("".join(strokes[1::2]), one, 12)


def spiral(chance: Random, height: int, one: str, two: str) -> str:
    """A spiral."""
    x, y = chance.randint(80, 120), height // 2
    turns, side = f"M{x} {y}", 1
    for r in range(10, 120, chance.randint(9, 12)):
        turns += f"a{r} {r} 0 0 1 {side * 2 * r} 0"
        side = -side
    return line(turns, two, 6) + circle(x, y, 9, one)


def columns(chance: Random, height: int, one: str, two: str) -> str:
    """Figures, or lines of print."""
    bars = [f"M16 {y}h{chance.randint(50, 168)}v9H16z" for y in range(18, height - 10, 20)]
    marked = chance.randrange(len(bars))
    rest = "".join(bar for n, bar in enumerate(bars) if n != marked)
    return path(rest, two) + path(bars[marked], one)


def levels(chance: Random, height: int, one: str, two: str) -> str:
    """The levels of sounds."""
    bars = [(x, chance.randint(20, height - 20)) for x in range(12, 190, 18)]
    low = "".join(f"M{x} {height}v-{tall}h11v{tall}z" for x, tall in bars)
    caps = "".join(f"M{x} {height - tall - 9}h11v6h-11z" for x, tall in bars)
    return path(low, two) + path(caps, one)


def ranks(chance: Random, height: int, one: str, two: str) -> str:
    """Many alike in rows, and one that is different."""
    step = chance.choice((28, 33, 40))
    first = (200 - 200 // step * step + step) // 2
    places = [(x, y) for y in range(24, height - 8, step) for x in range(first, 200, step)]
    odd = chance.choice(places)
    alike = "".join(f"M{x - 7} {y + 7}l7-15 7 15z" for x, y in places if (x, y) != odd)
    return path(alike, two) + circle(*odd, 9, one)
