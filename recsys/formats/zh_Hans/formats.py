"""Numbers as Chinese pages write them, 100,836; Django's own would be 100836."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
