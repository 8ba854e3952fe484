"""Rows of links.csv and tags.csv that do not count, with the reason for each."""

REJECTED_LINKS = {
    "1,0114709": "malformed",
    "x,0114709,862": "bad_id",
    "7,0114709,862": "unknown_movie",
    "1,nm0114709,862": "bad_link",
    "1,0114709,-862": "bad_link",
    f"1,{'1' * 17},862": "bad_link",
    "1,0114709,\x07862": "bad_text",
}
REJECTED_TAGS = {
    "1,1,funny,5,6": "malformed",
    "0,1,funny,5": "bad_id",
    "1,,funny,5": "bad_id",
    "1,7,funny,5": "unknown_movie",
    "1,1,,5": "missing_tag",
    '1,1," ",5': "missing_tag",
    f"1,1,{'long ' * 13}tag,5": "tag_too_long",
    "1,1,fun\x07ny,5": "bad_text",
}
