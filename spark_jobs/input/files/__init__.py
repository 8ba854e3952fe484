"""Where the files of the input lie, which there are, and how their bytes are read."""
