"""What is permanent in the account: the stack and the site; listing and deleting all of it."""
