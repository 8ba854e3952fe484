"""What can be told of the style sheet without a browser."""

import re

import pytest

from tests.site.pages.colours import contrast
from tests.support.targets import ROOT

SHEET = (ROOT / "app" / "static" / "app" / "site.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#\w+);", block))
    for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_of_fields_and_text_can_be_seen(palette):
    grounds = (palette["ground"], palette["panel"])
    for ground in grounds:
        assert contrast(palette["control"], ground) >= 3
        for text in ("ink", "quiet", "accent", "data", "prior", "up", "down"):
            assert contrast(palette[text], ground) >= 4.5
    assert contrast(palette["accent"], palette["on-accent"]) >= 4.5
    assert "1px solid var(--control)" in SHEET


def test_controls_are_styled_by_class_alone():
    rules = re.sub(r"/\*.*?\*/|\([^()]*\)", "", SHEET, flags=re.DOTALL)
    selectors = [
        one.strip() for part in re.findall(r"([^{}]+)\{", rules) for one in part.split(",")
    ]
    bare = {"button", "input", "select", "textarea", "table", "label", "ul", "svg", "section"}
    assert not bare & set(selectors)
