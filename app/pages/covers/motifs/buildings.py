"""Buildings from outside and within, and a lamp in the dark."""

from random import Random

from app.pages.covers.motifs.shapes import circle, line, path


def blinds(chance: Random, height: int, one: str, two: str) -> str:
    """Light through blinds, and something red behind them."""
    slope, gap = chance.randint(-30, 30), chance.randint(20, 26)
    stripes = "".join(f"M-9 {y}l220 {slope}" for y in range(-20, height + 40, gap))
    disc = circle(chance.randint(50, 150), height * 0.45, chance.randint(28, 44), one)
    return line(stripes, two, 9) + disc


def skyline(chance: Random, height: int, one: str, two: str) -> str:
    """Houses at night, some windows lit."""
    houses, windows, x = "", "", 0
    while x < 200:
        width, top = chance.randint(26, 48), chance.randint(height // 4, height * 2 // 3)
        houses += f"M{x} {top}h{width - 3}v{height}h-{width - 3}z"
        windows += f"M{x + 8} {top + chance.randint(12, 40)}h8v10h-8z"
        x += width
    return path(houses, two) + path(windows, one)


def beam(chance: Random, height: int, one: str, two: str) -> str:
    """A lamp, and somebody standing in its light."""
    x, foot = chance.choice((0, 200)), chance.randint(70, 130)
    light = path(f"M{x} 0L{foot - 60} {height}h120z", two)
    return (
        light
        + path(f"M{foot - 13} {height}v-44q13-14 26 0v44z", one)
        + circle(foot, height - 60, 11, one)
    )


def keyhole(chance: Random, height: int, one: str, two: str) -> str:
    """A keyhole."""
    x, y, r = chance.randint(80, 120), round(height * 0.4), chance.randint(22, 28)
    hole = f"M{x - 10} {y + 8}h20l14 {height - y - 26}h-48z"
    return circle(x, y, r * 2.4, one) + circle(x, y, r, two) + path(hole, two)


def stairs(chance: Random, height: int, one: str, two: str) -> str:
    """Stairs, and somebody on top."""
    count = chance.randint(5, 7)
    wide, high = 200 // count + 1, (height - 30) // count
    steps = f"M0 {height}" + f"v-{high}h{wide}" * count + f"V{height}z"
    who = circle(wide * (count - 1.5), 18 + high, 10, one)
    flipped = ' transform="matrix(-1 0 0 1 200 0)"' if chance.random() < 0.5 else ""
    return f"<g{flipped}>{path(steps, two)}{who}</g>"


def window(chance: Random, height: int, one: str, two: str) -> str:
    """Four panes, one lit."""
    x, top, lit = chance.randint(46, 74), chance.randint(18, 30), chance.randrange(4)
    high = (height - top - 22) // 2
    panes = [f"M{x + 44 * (n % 2)} {top + (high + 5) * (n // 2)}h39v{high}h-39z" for n in range(4)]
    rest = "".join(pane for n, pane in enumerate(panes) if n != lit)
    return path(rest, two) + path(panes[lit], one)


def castle(chance: Random, height: int, one: str, two: str) -> str:
    """Two towers under the moon."""
    x = chance.randint(40, 90)
    tower = f"M{x} {height}v-70l-6-8 20-44 20 44-6 8v26h26v-20l-6-8 18-34 18 34-6 8v64z"
    moon = chance.randint(120, 165), chance.randint(30, 48)
    return circle(*moon, 24, one) + path(tower, two) + path(f"M0 {height - 10}h200v20H0z", two)
