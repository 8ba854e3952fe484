"""Posters from TMDB instead of covers, if TMDB_API_KEY is set.

The reader's browser fetches a poster from TMDB_IMAGES_URL. Only TMDB's API knows which poster is a
movie's: it is asked in separate threads, so no request waits for it, and a movie has its drawn
cover until the answer is there. Answers are kept in the memory of the process.
"""

import json
import logging
import re
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Lock
from urllib.parse import urlencode
from urllib.request import urlopen

from cachetools import TTLCache
from django.conf import settings

KNOWN_SECONDS, FAILED_SECONDS = 24 * 3600, 300
MOST_KNOWN, MOST_WAITING = 50_000, 200
TIMEOUT_SECONDS = 5
POSTER_PATH = re.compile(r"/[\w.-]{1,100}")
"""What is accepted from an answer for an address."""

logger = logging.getLogger(__name__)


class Posters:
    """The known posters of movies, by TMDB id."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._executor = executor or ThreadPoolExecutor(2, "posters")
        self._lock = Lock()
        self._paths = TTLCache[str, str](MOST_KNOWN, KNOWN_SECONDS)
        self._failed = TTLCache[str, bool](MOST_KNOWN, FAILED_SECONDS)
        self._waiting = set[str]()

    def address(self, tmdb_id: str, *, width: int) -> str | None:
        """The poster's address, in one of TMDB's widths; None if none is known yet."""
        if not settings.TMDB_API_KEY or not tmdb_id:
            return None
        if self._begin(tmdb_id):
            self._executor.submit(self._ask, tmdb_id)
        with self._lock:
            path = self._paths.get(tmdb_id)
        return f"{settings.TMDB_IMAGES_URL}/t/p/w{width}{path}" if path else None

    def _begin(self, tmdb_id: str) -> bool:
        """Whether it has to be requested now."""
        with self._lock:
            is_known = tmdb_id in self._paths or tmdb_id in self._failed
            if is_known or tmdb_id in self._waiting or len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.add(tmdb_id)
            return True

    def _ask(self, tmdb_id: str) -> None:
        try:
            path = ask(tmdb_id)
        except (OSError, ValueError) as error:
            # Not the error's own message: it may have the address, with the key in it.
            logger.warning("TMDB did not give a poster for %s: %s", tmdb_id, type(error).__name__)
            path = None
        with self._lock:
            self._waiting.discard(tmdb_id)
            if path is None:
                self._failed[tmdb_id] = True
            else:
                self._paths[tmdb_id] = path


def ask(tmdb_id: str) -> str:
    """The path of a movie's poster, empty if it has none. Raises OSError or ValueError."""
    query = urlencode({"api_key": settings.TMDB_API_KEY})
    address = f"{settings.TMDB_API_URL}/movie/{int(tmdb_id)}?{query}"
    with urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # settings check it
        found = json.loads(answer.read(1_000_000))
    path = found.get("poster_path") if isinstance(found, dict) else None
    return path if isinstance(path, str) and POSTER_PATH.fullmatch(path) else ""


posters = Posters()
"""The posters known to this process."""
