"""Ratings that somebody exported elsewhere: what they say, and which of our movies they are of.

Of the standard library alone; nothing is kept.
"""
