"""Suns, planets and the moon."""

from random import Random

from app.pages.covers.motifs.shapes import circle, line, path


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


def crescent(chance: Random, height: int, one: str, two: str) -> str:
    """The moon among stars."""
    x, y, r = chance.randint(70, 130), round(height * 0.45), chance.randint(40, 54)
    moon = f"M{x} {y - r}a{r} {r} 0 1 0 {r} {r}a{r * 3 // 4} {r * 3 // 4} 0 0 1-{r}-{r}"
    stars = "".join(
        f"M{chance.randint(6, 190)} {chance.randint(8, height - 8)}l3 7 7 3-7 3-3 7-3-7-7-3 7-3z"
        for _ in range(6)
    )
    return path(stars, two) + path(moon, one)
