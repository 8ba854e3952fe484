"""Every text that a person sees is in the Chinese catalogue, translated, and nothing else is."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, Token, TokenType

from tests.support.targets import ROOT

APP = ROOT / "app"
MESSAGES = Path("locale") / "zh_Hans" / "LC_MESSAGES"
CATALOGUE = APP / MESSAGES / "django.po"
TEMPLATES = sorted((APP / "templates").rglob("*.html"))

WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = re.compile(
    r"\b(?:API|Atom|CSV|EASE|GroupLens|IMDb|JSON|Letterboxd|MovieLens|nDCG|OpenAPI|TMDB|Trakt|UTC"
    r"|[\w-]+\.org[\w/.]*|colMS?)\b"
)
"""What has the same name in every language: products, sites, and classes of Django's admin."""
SEEN = ("alt", "aria-label", "aria-description", "placeholder", "title", "content", "label")
"""Attributes whose values people read or hear."""
AS_THEY_ARE = {"code", "kbd", "pre", "samp", "script", "style"}
"""Elements that are the same in every language; beside them those that say so."""
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
WITHOUT_SETTINGS = {
    name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
}


def translated(file: Path) -> dict:
    """Message -> translation, of a compiled catalogue."""
    with file.open("rb") as opened:
        return gettext.GNUTranslations(opened)._catalog  # type: ignore[attr-defined]


def entries(file: Path) -> list[str]:
    """The entries of a catalogue without their places, sorted; the header left out."""
    text = subprocess.run(
        ["msgcat", "--no-location", "--no-wrap", "--sort-output", file],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return text.split("\n\n")[1:]


def test_the_catalogue_has_every_text_of_the_site_and_no_other(tmp_path):
    shutil.copytree(APP, tmp_path / "app", ignore=shutil.ignore_patterns("static", "*.mo", "*.pyc"))
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans", "--no-obsolete"],
        cwd=tmp_path / "app", env=WITHOUT_SETTINGS, check=True, capture_output=True,
    )  # fmt: skip
    missing = set(entries(tmp_path / "app" / MESSAGES / "django.po")) ^ set(entries(CATALOGUE))
    assert not missing, "run makemessages as CONTRIBUTING.md says, and translate what is new"


def test_every_text_is_translated_and_what_is_served_is_what_is_written(tmp_path):
    compiled = tmp_path / "django.mo"
    done = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "--output-file", compiled, CATALOGUE],
        capture_output=True, text=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    # One sentence: nothing fuzzy, nothing untranslated, no placeholder lost.
    assert re.fullmatch(r"\d+ translated messages\.", done.stderr.strip()), done.stderr
    assert translated(compiled) == translated(CATALOGUE.with_suffix(".mo")), "compilemessages"


CHINESE = "[\u3400-\u9fff]"
MISPRINTS = {
    "no space between Chinese and Latin": rf"{CHINESE}[A-Za-z0-9]|[A-Za-z0-9]{CHINESE}",
    "a half-width mark beside Chinese": rf"{CHINESE} ?[,;:!?()]|[,;:!?()]{CHINESE}|{CHINESE}\.",
    "a space beside a full-width mark": "[，。；：！？（）、“”] | [，。；：！？（）、]",
}


@pytest.mark.parametrize("misprint", MISPRINTS)
def test_chinese_is_set_as_it_should_be(misprint):
    texts = [
        re.sub(r"%\(\w+\)[sd]|<[^>]+>", "◌", text)
        for text in translated(CATALOGUE.with_suffix(".mo")).values()
    ]
    assert [text for text in texts[1:] if re.search(MISPRINTS[misprint], text)] == []


class Text(HTMLParser):
    """Collects what people read or hear in the source of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._left_alone: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_foreign = given.get("translate") == "no" or given.get("lang") == "en"
        if self._left_alone or tag in AS_THEY_ARE or is_foreign:
            self._left_alone += [] if tag in VOID else [tag]
            return
        machine = tag == "meta" and given.get("name") not in ("description",)
        self.found += [given[name] or "" for name in SEEN if name in given and not machine]

    def handle_endtag(self, tag: str) -> None:
        if self._left_alone and tag == self._left_alone[-1]:
            self._left_alone.pop()

    def handle_data(self, data: str) -> None:
        if not self._left_alone:
            self.found.append(data)


def outside_translation(source: str) -> list[str]:
    """The words of a template that are in no block of translation."""
    html, inside = "", False
    for token in Lexer(source).tokenize():
        name = _name(token)
        inside = name in ("blocktranslate", "comment") or (inside and not name.startswith("end"))
        if token.token_type == TokenType.TEXT and not inside:
            html += token.contents
    if "<" not in html:  # attributes, to be included within a tag
        return []
    parser = Text()
    parser.feed(html)
    return [text.strip() for text in parser.found if WORD.search(NAMES.sub("", text))]


def _name(token: Token) -> str:
    return token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_has_no_words_outside_translation(template):
    assert outside_translation(template.read_text(encoding="utf-8")) == []


def test_words_outside_translation_are_found():
    source = (
        '{% load i18n %}<h1>{% translate "Movies" %}</h1><p>Forgotten</p><code>GET</code>'
        "<p>{% blocktranslate count n=n %}One{% plural %}Many{% endblocktranslate %}</p>"
        '<img alt="A cover" src="a.svg"><b translate="no">Ebert</b><q lang="en">To be</q>'
        '<i title="{{ x }}">{{ y }} ★</i>'
    )
    assert outside_translation(source) == ["Forgotten", "A cover"]
