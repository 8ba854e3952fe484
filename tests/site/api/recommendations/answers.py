"""What /recommendations/ answers for one person, asked by GET and by POST."""

import json
from urllib.parse import urlencode

URL = "/recommendations/"


def page(client, status=200, /, **params):
    response = client.get(f"{URL}?{urlencode(params)}")
    assert response.status_code == status, response.content
    return response.json()


def post(client, body, status=200, **more):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    sent = {"content_type": "application/json"} | more
    response = client.post(URL, text, **sent)
    assert response.status_code == status, response.content
    return response.json()


def ids(found):
    return [movie["movie_id"] for movie in found["results"]]
