"""The admin as a site: its index, its users and their rights, and the second factor."""
