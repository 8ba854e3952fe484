"""From a checkout to a running site on AWS."""
