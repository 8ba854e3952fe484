"""Faces, and parts of them."""

from random import Random

from app.pages.covers.motifs.shapes import circle, path


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


def grin(chance: Random, height: int, one: str, two: str) -> str:
    """A face that laughs."""
    x, y, r = chance.randint(80, 120), round(height * 0.48), chance.randint(52, 66)
    eyes = circle(x - 26, y - 26, 9, two) + circle(x + 26, y - 26, 9, two)
    return eyes + path(f"M{x - r} {y}h{2 * r}a{r} {r} 0 0 1-{2 * r} 0", one)
