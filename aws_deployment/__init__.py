"""From a checkout to a running site on AWS."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
