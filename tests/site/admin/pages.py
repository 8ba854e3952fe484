"""The admin's pages as a browser fills them in and reads them."""

import html
import re

MOVIE, CURATION = "/admin/app/movie/1/change/", "/admin/app/curation/1/change/"


def form_of(page):
    """All fields of the page's form, as a browser would send them."""
    text = page.content.decode()
    text = text[text.index('method="post" id=') :]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", text):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_ticked = found["type"] != "checkbox" or " checked" in tag
        if "name" in found and is_ticked and found["type"] != "submit":
            default = "on" if found["type"] == "checkbox" else ""
            fields[found["name"]] = html.unescape(found.get("value", default))
    for name, value in re.findall(
        r'<textarea name="([\w-]+)"[^>]*>\n?(.*?)</textarea>', text, re.S
    ):
        fields[name] = html.unescape(value)
    return fields


def edit(client, address, form=None, **values):
    """Open the page, or take a form that was opened before, change values and save."""
    form = dict(form or form_of(client.get(address)))
    prefix = "curation-0-" if "/movie/" in address else ""
    for name, value in values.items():
        form[prefix + name] = value
        if value is None:
            del form[prefix + name]
    return client.post(address, form)


def complaints(page):
    """What is told as wrong, anywhere on the page."""
    assert page.status_code == 200, page
    lists = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', page.content.decode(), re.S)
    return html.unescape(" ".join(re.sub("<[^>]+>", "", one) for one in lists))
