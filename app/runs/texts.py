"""What the codes of a run mean: gates, reasons for rejection, splits and systems.

Pages and the admin say it in the same words. The site does not import the job, whose codes these
are; a contract test holds both together.
"""

from django.utils.translation import gettext_lazy as _

GATES = {
    "movies_dropped": _("more than a fifth of the accepted movies are gone"),
    "ratings_dropped": _("more than a fifth of the accepted ratings are gone"),
    "prior_mean_moved": _("the mean of all ratings moved by more than 0.25 stars"),
    "top_replaced": _("fewer than 60 of the previous top 100 are left"),
    "quality_dropped": _(
        "nDCG@10 of the personal lists fell by more than a tenth, and by more than chance"
    ),
    "synthetic_over_real": _("generated data would replace real ones"),
}
"""Name of a gate -> what closes it."""
OF_QUALITY = "quality_dropped"

REASONS = {
    "bad_text": _("the row has bytes that are invalid in its encoding, or control characters"),
    "malformed": _("the row does not have the columns of its header, or a rating is not a number"),
    "bad_id": _("a user or movie id is not a whole number from 1 to 2147483647, or empty"),
    "bad_timestamp": _(
        "the time is not between 1970 and 2100 in the form of the file's first rows: "
        "seconds, milliseconds or microseconds since 1970, or ISO 8601"
    ),
    "rating_out_of_range": _("the rating is outside the scale, 0.5 to 5 without --scale"),
    "not_half_star": _("the rating is not a multiple of 0.5"),
    "unknown_movie": _("the rated, linked or tagged movie is not among the accepted movies"),
    "missing_title": _("the movie has no title"),
    "title_too_long": _("the title is longer than 255 characters"),
    "genre_too_long": _("a genre is longer than 64 characters"),
    "duplicate_movie": _("another row has the same movie id and a title that sorts first"),
    "id_collision": _("another text id has the same number, so neither gets it"),
    "missing_tag": _("the tag is empty"),
    "tag_too_long": _("the tag is longer than 64 characters"),
    "bad_link": _("an id at IMDb or TMDB is not a whole number of at most 16 digits"),
    "duplicate_link": _("the movie has another row of links whose ids sort first"),
}
"""Code of a reason -> why a row was rejected."""
KINDS = {
    "movies": _("movies"),
    "ratings": _("ratings"),
    "links": _("links"),
    "tags": _("tags"),
}
"""Kinds of rows of the input."""

SPLITS = {
    "temporal": _("Does the past predict the future? Tested on the latest fifth of all ratings."),
    "random": _("Like most published figures: tested on a random quarter of each movie's ratings."),
}
SYSTEMS = {
    "personal": _("personal lists"),
    "ease": _("EASE"),
    "item_cosine": _("item cosine"),
    "trending": _("trending"),
    "popularity": _("most rated"),
    "weighted_rating": _("the ranking"),
    "visitor": _("for visitors"),
}
"""Ways to recommend."""
