"""A client that fills in the forms of the admin, as a browser without JavaScript does."""

import re
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from http.cookiejar import CookieJar


class FormClient:
    """Keeps cookies, and fills in the forms of the pages that it got."""

    def __init__(self, address: str, language: str = "en") -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("Accept", "text/html"), ("Accept-Language", language)]

    def get(self, path: str) -> tuple[int, str]:
        """Status and page, behind redirects."""
        return self._open(path)

    def log_in(self, username: str, password: str, **more: str) -> tuple[int, str]:
        """To the admin, whose first page it is where that was right."""
        _, page = self.get("/admin/login/")
        form = {"username": username, "password": password, **more}
        return self.send("/admin/login/", page, **form)

    def send(self, path: str, page: str, **values: str) -> tuple[int, str]:
        """The page's form, with what is hidden in it."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
        given = {name: unescape(value) for name, value in hidden} | values
        return self._open(path, urllib.parse.urlencode(given).encode())

    def _open(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        try:
            with self.opener.open(self.address + path, data, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
