"""The read model: a run's movies in memory, and every query on them as a pure function.

Plain values go in and come out. Nothing here knows about HTTP, and only `loader` knows about the
database; a query that cannot be answered raises one of the exceptions in `errors`.
"""
