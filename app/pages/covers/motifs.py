"""The drawings of covers. Each takes chance, a height and two colours, and is 200 wide."""

from collections.abc import Callable
from random import Random

Motif = Callable[[Random, int, str, str], str]


def circle(x: float, y: float, radius: float, fill: str) -> str:
    """A disc."""
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{fill}"/>'


def path(steps: str, fill: str) -> str:
    """A filled path."""
    return f'<path d="{steps}" fill="{fill}"/>'


def line(steps: str, stroke: str, width: int) -> str:
    """A stroked path."""
    return f'<path d="{steps}" fill="none" stroke="{stroke}" stroke-width="{width}"/>'


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
    """A lamp, and who stands in its light."""
    x, foot = chance.choice((0, 200)), chance.randint(70, 130)
    light = path(f"M{x} 0L{foot - 60} {height}h120z", two)
    return (
        light
        + path(f"M{foot - 13} {height}v-44q13-14 26 0v44z", one)
        + circle(foot, height - 60, 11, one)
    )


def orbits(chance: Random, height: int, one: str, two: str) -> str:
    """Rings around a sun."""
    x, y = chance.randint(50, 150), chance.randint(50, max(52, height - 50))
    rings = "".join(
        f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0-{2 * r} 0"
        for r in range(26, 130, chance.randint(19, 27))
    )
    return line(rings, one, 3) + circle(x, y, chance.randint(10, 18), two)


def planet(chance: Random, height: int, one: str, two: str) -> str:
    """A planet with a ring among stars."""
    stars = "".join(
        f"M{chance.randint(4, 194)} {chance.randint(4, height)}h2v2h-2z" for _ in range(18)
    )
    x, y = chance.randint(60, 140), height * 0.55
    ring = f'<ellipse cx="{x}" cy="{y:.0f}" rx="88" ry="17" fill="none" stroke="{two}" '
    tilt = f'stroke-width="5" transform="rotate({chance.randint(-24, 24)} {x} {y:.0f})"/>'
    return path(stars, two) + circle(x, y, chance.randint(38, 54), one) + ring + tilt


def grid(chance: Random, height: int, one: str, two: str) -> str:
    """A plain to the horizon, and a sun above it."""
    horizon = round(height * 0.55)
    rays = "".join(f"M{x} {horizon}L{(x - 100) * 4 + 100} {height}" for x in range(-20, 221, 20))
    rows = "".join(f"M0 {horizon + round(n * n * 3.2)}h200" for n in range(7))
    return (
        circle(chance.randint(60, 140), horizon, 46, two)
        + path(f"M0 {horizon}h200v{height}h-200z", "#0006")
        + line(rays + rows, one, 2)
    )


def hills(chance: Random, height: int, one: str, two: str) -> str:
    """Two hills and a sun."""
    sun = circle(chance.randint(45, 155), height * 0.4, chance.randint(24, 40), one)
    far, near = chance.randint(60, 140), chance.randint(30, 170)
    top = round(height * 0.35)
    back = f"M0 {height}V{top + 50}L{far} {top}L200 {top + 60}V{height}z"
    front = f"M0 {height}V{top + 80}Q{near} {top + 24} 200 {top + 96}V{height}z"
    return sun + path(back, two) + path(front, "#0005")


def strands(chance: Random, height: int, one: str, two: str) -> str:
    """Waving strands."""

    def strand() -> str:
        start, *bends, end = (chance.randint(16, height - 16) for _ in range(4))
        return f"M-5 {start}C60 {bends[0]} 130 {bends[1]} 205 {end}"

    return line(strand() + strand() + strand(), two, 5) + line(strand() + strand(), one, 8)


def fangs(chance: Random, height: int, one: str, two: str) -> str:
    """Fangs from above."""
    steps, x = "M0 0", 0
    while x < 200:
        width = chance.randint(18, 34)
        steps += f"l{width // 2} {(fall := chance.randint(height // 3, height - 12))}"
        steps += f"l{width - width // 2}-{fall}"
        x += width
    return path(steps + "z", one) + circle(chance.randint(40, 160), height * 0.3, 13, two)


def eye(chance: Random, height: int, one: str, two: str) -> str:
    """An eye."""
    y, open_ = height // 2, chance.randint(52, 90)
    lids = path(f"M10 {y}Q100 {y - open_} 190 {y}Q100 {y + open_} 10 {y}z", two)
    x = chance.randint(84, 116)
    return lids + circle(x, y, open_ * 0.42, one) + circle(x, y, open_ * 0.17, "#000")


def overlap(chance: Random, height: int, one: str, two: str) -> str:
    """Two that meet."""
    radius, y = chance.randint(44, 58), height / 2
    apart = chance.randint(22, 36)
    lift = chance.randint(-16, 16)
    second = circle(100 + apart, y + lift, radius, one).replace("/>", ' fill-opacity=".8"/>')
    return circle(100 - apart, y - lift, radius, two) + second


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


def grin(chance: Random, height: int, one: str, two: str) -> str:
    """A face that laughs."""
    x, y, r = chance.randint(80, 120), round(height * 0.48), chance.randint(52, 66)
    eyes = circle(x - 26, y - 26, 9, two) + circle(x + 26, y - 26, 9, two)
    return eyes + path(f"M{x - r} {y}h{2 * r}a{r} {r} 0 0 1-{2 * r} 0", one)


def balloons(chance: Random, height: int, one: str, two: str) -> str:
    """Four balloons on strings."""
    drawn = ""
    for n, fill in enumerate((two, one, two, one)):
        x, y = 34 + 44 * n, chance.randint(34, height // 2)
        drawn += line(f"M{x} {y}Q{x + 12} {height - 40} 100 {height}", fill, 2)
        drawn += circle(x, y, chance.randint(20, 27), fill)
    return drawn


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


def contours(chance: Random, height: int, one: str, two: str) -> str:
    """Heights on a map."""
    x, y = chance.randint(60, 140), height // 2
    tilt = chance.randint(0, 179)
    rings = "".join(
        f'<ellipse cx="{x}" cy="{y}" rx="{r}" ry="{r * 0.6:.0f}"/>' for r in range(18, 140, 20)
    )
    lines = f'<g fill="none" stroke="{two}" stroke-width="3" transform="rotate({tilt} {x} {y})">'
    return f"{lines}{rings}</g>" + circle(x, y, 8, one)


def sunset(chance: Random, height: int, one: str, two: str) -> str:
    """A low sun in stripes, over water or a plain."""
    x, y, r = chance.randint(70, 130), round(height * 0.62), chance.randint(54, 70)
    sun = path(f"M{x - r} {y}a{r} {r} 0 0 1 {2 * r} 0z", one)
    bars = "".join(
        f"M{x - r + n * 9} {y + 9 + n * 13}h{2 * (r - n * 9)}v5h-{2 * (r - n * 9)}z"
        for n in range(5)
    )
    return sun + path(f"M0 {y}h200v4H0z{bars}", two)


def cactus(chance: Random, height: int, one: str, two: str) -> str:
    """A cactus against the sun."""
    x, base = chance.randint(40, 130), height
    plant = f"M{x} {base}V{base - 96}q11-14 22 0v34h14v-20q7-9 14 0v36h-28v46z"
    return circle(chance.randint(50, 150), height * 0.42, 40, one) + path(
        f"M0 {height - 20}h200v30H0z{plant}", two
    )


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


def levels(chance: Random, height: int, one: str, two: str) -> str:
    """The levels of sounds."""
    bars = [(x, chance.randint(20, height - 20)) for x in range(12, 190, 18)]
    low = "".join(f"M{x} {height}v-{tall}h11v{tall}z" for x, tall in bars)
    caps = "".join(f"M{x} {height - tall - 9}h11v6h-11z" for x, tall in bars)
    return path(low, two) + path(caps, one)


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


def crescent(chance: Random, height: int, one: str, two: str) -> str:
    """The moon among stars."""
    x, y, r = chance.randint(70, 130), round(height * 0.45), chance.randint(40, 54)
    moon = f"M{x} {y - r}a{r} {r} 0 1 0 {r} {r}a{r * 3 // 4} {r * 3 // 4} 0 0 1-{r}-{r}"
    stars = "".join(
        f"M{chance.randint(6, 190)} {chance.randint(8, height - 8)}l3 7 7 3-7 3-3 7-3-7-7-3 7-3z"
        for _ in range(6)
    )
    return path(stars, two) + path(moon, one)


def peaks(chance: Random, height: int, one: str, two: str) -> str:
    """Mountains with snow."""
    x, top = chance.randint(60, 140), chance.randint(20, 40)
    snow = f"M{x} {top}l24 38-12-6-12 10-12-10-12 6z"
    far = f"M-10 {height}l70-{height // 2} 60 {height // 2}zM110 {height}l60-{height * 3 // 5} 60 "
    mountain = f"M{x} {top}L{x + 100} {height}h-200z"
    return path(f"{far}{height * 3 // 5}z", "#fff3") + path(mountain, two) + path(snow, one)


def ranks(chance: Random, height: int, one: str, two: str) -> str:
    """Many alike in rows, and one that is not."""
    step = chance.choice((28, 33, 40))
    first = (200 - 200 // step * step + step) // 2
    places = [(x, y) for y in range(24, height - 8, step) for x in range(first, 200, step)]
    odd = chance.choice(places)
    alike = "".join(f"M{x - 7} {y + 7}l7-15 7 15z" for x, y in places if (x, y) != odd)
    return path(alike, two) + circle(*odd, 9, one)


def smoke(chance: Random, height: int, one: str, two: str) -> str:
    """Smoke over a plain."""
    x = chance.randint(50, 150)
    puffs = "".join(
        circle(x + chance.randint(-44, 44), height - 34 - n * height / 9, 36 - 3 * n, two)
        for n in range(7)
    )
    return puffs + path(f"M0 {height - 18}h200v30H0z", one)


OF_GENRE: dict[str, tuple[Motif, ...]] = {
    "Documentary": (columns, contours, levels, strands),
    "Film-Noir": (beam, blinds, skyline, stairs),
    "Western": (cactus, sunset, hills, peaks),
    "Horror": (fangs, eye, crescent, keyhole),
    "Musical": (keys, levels, petals, beam),
    "War": (ranks, smoke, hills, chevrons),
    "Animation": (squares, balloons, confetti, orbits),
    "IMAX": (planet, peaks, contours, sunset),
    "Sci-Fi": (orbits, planet, grid, levels),
    "Children": (balloons, confetti, grin, petals),
    "Fantasy": (castle, crescent, petals, planet),
    "Mystery": (keyhole, eye, spiral, window),
    "Crime": (blinds, skyline, stairs, ranks, window),
    "Romance": (overlap, petals, strands, sunset),
    "Adventure": (peaks, contours, hills, sunset),
    "Thriller": (spiral, chevrons, stairs, eye, skyline),
    "Action": (burst, chevrons, smoke, skyline),
    "Comedy": (confetti, grin, balloons, squares),
    "Drama": (window, strands, sunset, hills, overlap, stairs),
    "(no genres listed)": (strands, columns, overlap),
}
"""Genre -> its motifs, three at least: the best of a genre stand side by side."""
