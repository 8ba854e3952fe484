"""Finding the input files, and reading their bytes."""
