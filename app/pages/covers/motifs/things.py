"""Balloons, confetti, a flower and the keys of a piano."""

from random import Random

from app.pages.covers.motifs.shapes import circle, line, path


def petals(chance: Random, height: int, one: str, two: str) -> str:
    """A flower."""
    x, y, count = chance.randint(70, 130), height // 2, chance.choice((5, 6, 8))
    long = chance.randint(38, 46)
    leaf = (
        f"M{x} {y}q{long // 2}-{long // 2} 0-{2 * long}q-{long // 2} {long * 3 // 2} 0 {2 * long}"
    )
    turned = "".join(
        f'<path d="{leaf}" transform="rotate({n * 360 // count} {x} {y})"/>' for n in range(count)
    )
    return f'<g fill="{one}">{turned}</g>' + circle(x, y, 14, two)


def confetti(chance: Random, height: int, one: str, two: str) -> str:
    """Paper in the air."""

    def scattered(fill: str) -> str:
        steps = ""
        for _ in range(9):
            size = chance.randint(9, 20)
            steps += f"M{chance.randint(4, 180)} {chance.randint(4, height - 14)}"
            steps += f"l{size} {chance.randint(-6, 6)}v{size}l-{size} {chance.randint(-6, 6)}z"
        return path(steps, fill)

    return scattered(two) + scattered(one)


def balloons(chance: Random, height: int, one: str, two: str) -> str:
    """Four balloons on strings."""
    drawn = ""
    for n, fill in enumerate((two, one, two, one)):
        x, y = 34 + 44 * n, chance.randint(34, height // 2)
        drawn += line(f"M{x} {y}Q{x + 12} {height - 40} 100 {height}", fill, 2)
        drawn += circle(x, y, chance.randint(20, 27), fill)
    return drawn


def keys(chance: Random, height: int, one: str, two: str) -> str:
    """The keys of a piano."""
    top = chance.randint(height // 5, height // 3)
    white = "".join(f"M{x} {top}h25v{height}h-25z" for x in range(2, 200, 28))
    black = "".join(
        f"M{x} {top}h14v{(height - top) * 3 // 5}h-14z"
        for n, x in enumerate(range(22, 190, 28))
        if n not in (2, 6)
    )
    return (
        path(white, two) + path(black, "#000a") + circle(chance.randint(30, 170), top / 2, 9, one)
    )
