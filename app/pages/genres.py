"""The names of MovieLens' genres in the reader's language; those of other data as they are."""

from django.utils.translation import gettext_lazy as _

GENRES = {
    "Action": _("Action"),
    "Adventure": _("Adventure"),
    "Animation": _("Animation"),
    "Children": _("Children"),
    "Comedy": _("Comedy"),
    "Crime": _("Crime"),
    "Documentary": _("Documentary"),
    "Drama": _("Drama"),
    "Fantasy": _("Fantasy"),
    "Film-Noir": _("Film noir"),
    "Horror": _("Horror"),
    "IMAX": _("IMAX"),
    "Musical": _("Musical"),
    "Mystery": _("Mystery"),
    "Romance": _("Romance"),
    "Sci-Fi": _("Science fiction"),
    "Thriller": _("Thriller"),
    "War": _("War"),
    "Western": _("Western"),
    "(no genres listed)": _("No genre listed"),
}


def genre_name(genre: str) -> str:
    """The name of a genre in the current language."""
    return str(GENRES.get(genre, genre))
