"""Exports of other sites, as a visitor has them."""

from pathlib import Path

EXPORTS = Path(__file__).parent / "exports"
LETTERBOXD = (EXPORTS / "letterboxd-ratings.csv").read_text()
