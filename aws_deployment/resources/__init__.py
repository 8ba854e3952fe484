"""What stays in the account: the stack, the site in it, listing all of it, taking it down."""
