"""Folders, files and functions that one look takes in."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("app", "aws_deployment", "benchmarks", "datasets", "recsys", "spark_jobs")
TEXTS = {path: path.read_text() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
TESTS = {path: path.read_text() for path in (ROOT / "tests").rglob("*.py")}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40  # lines
MOST_MODULES = 14
"""Of a folder's own, without `__init__`: about a dozen."""


def test_no_folder_is_crowded():
    modules = [path for path in (*TEXTS, *TESTS) if path.name != "__init__.py"]
    folders = Counter(path.parent for path in modules if path.parent.name != "migrations")
    assert [str(folder) for folder, count in folders.items() if count > MOST_MODULES] == []


def test_no_file_is_long():
    lengths = {path: len(text.splitlines()) for path, text in (TEXTS | TESTS).items()}
    assert [str(path) for path, lines in lengths.items() if lines > LONGEST_FILE] == []


def test_no_function_is_long():
    assert [
        f"{path}: {node.name}"
        for path, text in TEXTS.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ] == []
