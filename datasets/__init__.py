"""Input data: the real MovieLens files, or generated ones of the same form."""
