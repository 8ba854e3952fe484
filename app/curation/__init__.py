"""Curators' decisions: `services` changes them, `backup` exports and imports them."""
