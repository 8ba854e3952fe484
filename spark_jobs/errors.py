"""The one kind of error that the job explains to its operator."""

import re


class JobError(Exception):
    """Something the operator can mend. The message is one line that says what and how."""


def explain(error: BaseException) -> str:
    """What went wrong in one line; of an error in an executor the line that counts."""
    if isinstance(error, JobError):
        return str(error)
    text = str(error).strip() or repr(error)
    if told := re.search(r"JobError: (.*)", text):
        return told[1]
    # Spark wraps what a Python worker raised into pages; its own words come last in there.
    raised = re.search(r'^\s+File ".*\n(?:\s.*\n)*(\w[\w.]*: .*)', text, re.MULTILINE)
    line = raised[1] if raised else f"{type(error).__name__}: {text.splitlines()[0]}"
    return f"{line} (--debug shows where)"
