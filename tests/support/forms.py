"""Somebody at the site's forms: keeps cookies, sends a form back as the page gave it."""

import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar

Fields = dict[str, str]


class Forms(HTMLParser):
    """Every form of a page: the fields that a browser would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Fields] = []
        self.names: list[set[str]] = []
        self._select = self._text = ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = True
            self.found.append({})
            self.names.append(set())
        elif self._inside and tag in ("input", "select", "textarea", "button"):
            self.names[-1].add(given.get("name", ""))
            self._field(tag, given)
        elif self._inside and tag == "option" and "selected" in given:
            self.found[-1][self._select] = given["value"]

    def _field(self, tag: str, given: Fields) -> None:
        self._select, self._text = given["name"] if tag == "select" else "", ""
        kind = given.get("type", "text")
        if tag == "input" and kind not in ("submit", "button", "file"):
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.found[-1][given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._text = given["name"]
            self.found[-1][self._text] = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[-1][self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "form":
            self._inside = False


class Visitor:
    """A browser without scripts."""

    def __init__(self, address: str, language: str = "en") -> None:
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        self.opener.addheaders = [("Accept", "text/html"), ("Accept-Language", language)]

    def get(self, path: str) -> tuple[int, str]:
        """Status and page, behind redirects."""
        return self._open(urllib.request.Request(self.address + path))

    def log_in(self, username: str, password: str, **more: str) -> tuple[int, str]:
        """To the admin, whose first page it is where that was right."""
        return self.submit("/admin/login/", username=username, password=password, **more)

    def submit(self, path: str, **fields: str) -> tuple[int, str]:
        """Send the form of the page that has these fields; the answer after all redirects."""
        status, page = self.get(path)
        assert status == 200, (path, status, page[-1000:])
        return self.send(path, page, **fields)

    def send(self, path: str, page: str, **fields: str) -> tuple[int, str]:
        """The same for a page that is there already."""
        forms = Forms(page)
        (form, *_) = [
            form
            for form, names in zip(forms.found, forms.names, strict=True)
            if fields.keys() <= names and "csrfmiddlewaretoken" in names
        ]
        data = urllib.parse.urlencode(form | fields).encode()
        headers = {"Referer": self.address + path}
        return self._open(urllib.request.Request(self.address + path, data, headers))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
