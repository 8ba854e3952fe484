"""The movies of the input: which count, and what links and tags say of them."""
