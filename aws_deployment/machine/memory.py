"""`/etc/recsys/.env`: the site's settings, and the options that the set-up remembers.

The site reads it with python-dotenv. Lines added by hand stay as they are.
"""

import re
from pathlib import Path

from aws_deployment.machine.system import Refusal

PATH = Path("/etc/recsys/.env")
HEADER = """\
# Written by ec2_setup.sh. What these mean is in .env.example; DB_SECRET and SETUP_... are the
# options that ec2_setup.sh remembers.
"""
LINE = re.compile(r"^(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$")
# python-dotenv expands ${NAME} everywhere; this default of a nameless variable is a plain dollar.
DOLLAR_BRACE, KEPT_DOLLAR_BRACE = "${", "${:-$}{"


def load() -> dict[str, str]:
    return parse(PATH.read_text(encoding="utf-8")) if PATH.is_file() else {}


def parse(text: str) -> dict[str, str]:
    found = (LINE.match(line) for line in text.splitlines())
    return {match[1]: unquote(match[2]) for match in found if match}


def update(text: str, values: dict[str, str]) -> str:
    """The text with these values; lines keep their places, new ones go to the end."""
    rest, lines = dict(values), []
    for line in (text or HEADER).splitlines():
        match = LINE.match(line)
        if match and match[1] in rest:
            value = rest.pop(match[1])
            line = line if unquote(match[2]) == value else f"{match[1]}={quote(value)}"
        lines.append(line)
    lines += [f"{name}={quote(value)}" for name, value in rest.items()]
    return "\n".join(lines) + "\n"


def quote(value: str) -> str:
    """Quote a value for python-dotenv. Bare text has no escapes, so most values stay bare."""
    if re.search(r"[\r\n]", value):
        raise Refusal("a value of several lines does not fit into .env: shorten it to one line")
    kept = value.replace(DOLLAR_BRACE, KEPT_DOLLAR_BRACE)
    if not re.search(r"^['\"]|\s#|^\s|\s$", value):
        return kept
    if value.endswith("\\"):
        raise Refusal("a value with blanks or quotes must not end in a backslash: choose another")
    return "'" + kept.replace("\\", "\\\\").replace("'", "\\'") + "'"


def unquote(raw: str) -> str:
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "'\"":
        raw = re.sub(r"\\(['\"\\])", r"\1", raw[1:-1])
    else:
        raw = re.sub(r"\s+#.*", "", raw)
    return raw.replace(KEPT_DOLLAR_BRACE, DOLLAR_BRACE)
