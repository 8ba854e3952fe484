"""The pages for people, a module each: what the JSON says, laid out to be read."""
