"""Files and functions that one look takes in."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("app", "aws_deployment", "benchmarks", "datasets", "recsys", "spark_jobs")
TEXTS = {path: path.read_text() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40  # lines


def test_no_file_is_long():
    lengths = {path: len(text.splitlines()) for path, text in TEXTS.items()}
    assert [str(path) for path, lines in lengths.items() if lines > LONGEST_FILE] == []


def test_no_function_is_long():
    assert [
        f"{path}: {node.name}"
        for path, text in TEXTS.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ] == []
