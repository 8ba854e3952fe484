"""The admin's pages as a browser fills them in and reads them, and the list that readers get."""

import html
import re

LIST = "/admin/app/movie/"
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


def bulk(client, action, movie_ids, page=LIST, **more):
    """Tick movies of a list and choose an action for them: the page that asks."""
    return client.post(page, {"action": action, "_selected_action": movie_ids} | more)


def press(client, page, button, **values):
    """Fill in the page that asks, and press a button of it."""
    address, form = re.search(
        r'<form method="post" action="([^"]+)">(.*?)</form>', page.content.decode(), re.DOTALL
    ).groups()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return client.post(html.unescape(address), fields | values | button, follow=True)


def confirm(client, page, **values):
    """Press the button that makes it so; the messages that come of it."""
    answer = press(client, page, {"confirmed": "yes"}, **values)
    assert answer.status_code == 200
    return [html.unescape(str(message)) for message in answer.context["messages"]]


def listed(client):
    """The ids of the movies that readers are shown, in their order."""
    results = client.get("/recommendations/").json()["results"]
    return [item["movie_id"] for item in results]


def text_of(page):
    """What stands on the page: without tags, white space is one space."""
    assert page.status_code == 200, page
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def messages_of(page):
    """What the page says of what was just done."""
    return [str(message) for message in page.context["messages"]]
