"""Where input comes from: the real MovieLens files, or generated ones of their shape."""
