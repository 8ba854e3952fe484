"""Title and year part, in all forms met in the wild."""

import pytest

from spark_jobs.input.movies import titles

FORMS = {
    "Toy Story (1995)": ("Toy Story", 1995),
    "Runaway Brain (1995) ": ("Runaway Brain", 1995),
    "Death Note: Desu nôto (2006–2007)": ("Death Note: Desu nôto", 2006),
    "Show (2007-)": ("Show", 2007),
    "Fawlty Towers (1975-1979)": ("Fawlty Towers", 1975),
    "Show (2009– )": ("Show", 2009),
    "Film (1983))": ("Film", 1983),
    "Naked Truth, The (1957) (Your Past Is Showing)": (
        "Naked Truth, The (Your Past Is Showing)",
        1957,
    ),
    "Film (2017) (2017)": ("Film", 2017),
    "Film (1995) (V)": ("Film (V)", 1995),
    "Deadly Advice(1994)": ("Deadly Advice", 1994),
    "City of Lost Children, The (Cité des enfants perdus, La) (1995)": (
        "City of Lost Children, The (Cité des enfants perdus, La)",
        1995,
    ),
    "2001: A Space Odyssey (1968)": ("2001: A Space Odyssey", 1968),
    "(500) Days of Summer (2009)": ("(500) Days of Summer", 2009),
    "Blade Runner (1982) (1992)": ("Blade Runner (1982)", 1992),
    "Number 1234 (9999)": ("Number 1234 (9999)", None),
    "Babylon 5": ("Babylon 5", None),
    "(1999)": ("(1999)", 1999),
    "+1 (2013)": ("+1", 2013),
    "北京 (2015)": ("北京", 2015),
}


@pytest.mark.parametrize("form", FORMS)
def test_title_and_year_part(form):
    assert titles.part(form) == FORMS[form]
