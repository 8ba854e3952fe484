"""Text in cells of a spreadsheet: what looks like a formula is defused, which can be reversed."""

import re
from typing import Any

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a formula may begin with; a spreadsheet skips an apostrophe, and shows it."""


def defuse(value: Any) -> Any:
    """Text that no spreadsheet evaluates; other values are left alone."""
    is_formula = isinstance(value, str) and FORMULA.match(value)
    return f"'{value}" if is_formula else value


def restore(text: str) -> str:
    """The text before `defuse`."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
