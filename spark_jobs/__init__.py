"""The batch job: files of movies and ratings in, one published run out. Never imports Django."""
