"""Plains and mountains, seen or mapped."""

from random import Random

from app.pages.covers.motifs.shapes import circle, line, path


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


def peaks(chance: Random, height: int, one: str, two: str) -> str:
    """Mountains with snow."""
    x, top = chance.randint(60, 140), chance.randint(20, 40)
    snow = f"M{x} {top}l24 38-12-6-12 10-12-10-12 6z"
    far = f"M-10 {height}l70-{height // 2} 60 {height // 2}zM110 {height}l60-{height * 3 // 5} 60 "
    mountain = f"M{x} {top}L{x + 100} {height}h-200z"
    return path(f"{far}{height * 3 // 5}z", "#fff3") + path(mountain, two) + path(snow, one)


def smoke(chance: Random, height: int, one: str, two: str) -> str:
    """Smoke over a plain."""
    x = chance.randint(50, 150)
    puffs = "".join(
        circle(x + chance.randint(-44, 44), height - 34 - n * height / 9, 36 - 3 * n, two)
        for n in range(7)
    )
    return puffs + path(f"M0 {height - 18}h200v30H0z", one)
