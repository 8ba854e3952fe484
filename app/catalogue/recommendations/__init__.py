"""Recommendations: for a visitor, for a known user, and similar to a movie."""
