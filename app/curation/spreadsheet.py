"""Text in cells: what a spreadsheet would take for a formula is defused, and can be put back."""

import re
from typing import Any

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a formula may begin with; a spreadsheet skips an apostrophe, and shows it."""


def defuse(value: Any) -> Any:
    """Text that no spreadsheet calculates; what is no text is left alone."""
    is_formula = isinstance(value, str) and FORMULA.match(value)
    return f"'{value}" if is_formula else value


def restore(text: str) -> str:
    """What `defuse` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
