"""The pages for people: what the JSON says, laid out to be read.

Small ones are a module; one that takes several is a package, its views in `views`.
"""
