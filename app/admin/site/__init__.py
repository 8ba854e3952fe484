"""The site around them: its first page, its users, and the second factor."""
