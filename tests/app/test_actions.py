"""What a person does comes as JSON, from our own pages, by those who may."""

from __future__ import annotations

import pytest

import app as program
from dashboards.site import ActionError
from tests.app.conftest import HandSettings


@pytest.fixture(scope="module")
def module_server(lake_folder, session_hands):
    """A program with one action that doubles a number."""

    def double(number: int) -> dict[str, int]:
        if number > 100:
            raise ActionError("Angka terlalu besar.")
        return {"double": 2 * number}

    app = program.create_app(
        HandSettings(home=lake_folder, hands=session_hands, memory_limit="500MB")
    )
    site = app.server.extensions["komando"]
    site.action("/uji/<int:number>", double, roles=("operator",))
    yield app.server
    site.lake.close()


@pytest.fixture
def client(module_server, hands):
    return module_server.test_client()


def test_an_action_answers_in_json(client):
    assert client.post("/uji/21", json={}).get_json() == {"double": 42}


def test_what_it_does_not_accept_is_told_in_words(client):
    answer = client.post("/uji/101", json={})

    assert answer.status_code == 422
    assert answer.get_json() == {"error": "Angka terlalu besar."}


def test_a_form_of_another_site_is_refused(client):
    assert (
        client.post("/uji/1", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    )
    assert client.post("/uji/1", data={"a": "b"}).status_code == 400


def test_only_the_roles_that_it_names_may(client):
    client.set_cookie("peran", "publik")

    assert client.post("/uji/1", json={}).status_code == 403
