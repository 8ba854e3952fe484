"""Ratings exported from other sites: read them, and match them to movies of the catalogue.

It uses the standard library only; nothing is kept.
"""
