"""What stands in a database after a publish."""

RESULT = "SELECT movie_id, rating_count, weighted_rating, `rank` FROM app_recommendationdata"
CATALOGUE = "SELECT movie_id, title, year FROM app_movie ORDER BY movie_id"
GENRES = "SELECT movie_id, genre FROM app_moviegenre ORDER BY movie_id, genre"
