"""Read and validate the input files: formats, movies, ratings. Counting them is up to `model`."""
