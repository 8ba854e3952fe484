"""What is recommended: to a visitor, to a known user, and beside a movie."""
