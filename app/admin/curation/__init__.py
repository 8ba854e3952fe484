"""Decisions: the page of one, the question before several, their history and their file."""
