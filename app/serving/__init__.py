"""How the site answers readers: which version of the catalogue is in force, and how answers go out.

One way for JSON and pages: a view says what it shows of a version, all else is done here.
"""
