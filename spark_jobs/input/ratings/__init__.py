"""The ratings of the input: which are accepted, read in parallel on the executors."""
