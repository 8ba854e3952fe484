"""The ratings of the input: which count, read in parallel on the executors."""
