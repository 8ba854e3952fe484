"""Short names of contents: equal contents have equal ones."""

from hashlib import blake2b


def digest(contents: str | bytes, *, size: int = 6) -> str:
    """`size` bytes in hexadecimal."""
    data = contents.encode() if isinstance(contents, str) else contents
    return blake2b(data, digest_size=size).hexdigest()
