"""Decisions: the page of one, the confirmation of a bulk change, the history, the backup file."""
