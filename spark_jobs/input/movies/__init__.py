"""The movies of the input: which are accepted, and their links and tags."""
