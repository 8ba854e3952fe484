"""Digests that name contents in ETags, tokens and cache keys."""

from hashlib import blake2b


def digest(contents: str | bytes, *, size: int = 6) -> str:
    """A BLAKE2b digest of `size` bytes, in hexadecimal."""
    data = contents.encode() if isinstance(contents, str) else contents
    return blake2b(data, digest_size=size).hexdigest()
