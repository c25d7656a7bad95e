"""A fetch ends: with the body, or with an error that says whether a retry helps."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stamina

from data.clock import Clock
from etl.errors import Refused, Unreachable
from etl.feed import Request
from etl.fetch import ATTEMPTS, LARGEST_BODY, Fetcher
from tests.etl.conftest import NOW, Answer, Source


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    with stamina.set_testing(True, attempts=ATTEMPTS, cap=True), Fetcher(clock) as made:
        yield made


def test_an_answer_carries_body_tag_and_the_time_of_the_shared_clock(
    fetcher: Fetcher, source: Source
) -> None:
    source.will(Answer(b"[]", headers={"ETag": '"one"'}))
    answer = fetcher.fetch(Request(source.url), headers={"X-Key": "secret"})
    assert (answer.body, answer.etag, answer.fetched_at) == (b"[]", '"one"', NOW)
    assert source.asked[0][1]["X-Key"] == "secret"


def test_a_payload_that_did_not_change_is_not_sent_again(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(status=304))
    answer = fetcher.fetch(Request(source.url), etag='"one"')
    assert answer.not_modified
    assert source.asked[0][1]["If-None-Match"] == '"one"'


def test_a_passing_error_is_tried_again(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(status=500), Answer(status=503), b"good")
    assert fetcher.fetch(Request(source.url)).body == b"good"
    assert len(source.asked) == 3


def test_an_error_that_stays_ends_after_the_last_try(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(status=502))
    with pytest.raises(Unreachable, match="502"):
        fetcher.fetch(Request(source.url))
    assert len(source.asked) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_answer_that_a_retry_does_not_change_is_asked_once(
    fetcher: Fetcher, source: Source, status: int
) -> None:
    source.will(Answer(status=status))
    with pytest.raises(Refused, match=str(status)):
        fetcher.fetch(Request(source.url))
    assert len(source.asked) == 1


def test_gzip_is_read(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"}))
    assert fetcher.fetch(Request(source.url)).body == b"x" * 1000


def test_gzip_that_breaks_off_is_an_error(fetcher: Fetcher, source: Source) -> None:
    body = gzip.compress(bytes(range(256)) * 100)
    source.will(
        Answer(body[: len(body) // 2], headers={"Content-Encoding": "gzip"}, length=len(body))
    )
    with pytest.raises(Unreachable):
        fetcher.fetch(Request(source.url))


def test_a_body_over_the_limit_is_refused_with_advice(fetcher: Fetcher, source: Source) -> None:
    source.will(b" " * (LARGEST_BODY + 1))
    with pytest.raises(Refused, match="--from BERKAS"):
        fetcher.fetch(Request(source.url))


def test_a_source_that_is_not_there_is_unreachable(fetcher: Fetcher) -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: sambungan ditolak"):
        fetcher.fetch(Request("http://127.0.0.1:9/"))


def test_a_source_that_stays_silent_times_out(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(b"x", length=10))
    with pytest.raises(Unreachable):
        fetcher.fetch(Request(source.url, timeout=0.2))


def test_a_tolerated_failure_is_an_answer(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(status=500))
    answer = fetcher.fetch(Request(source.url, tolerate=True))
    assert answer.body == b""
    assert isinstance(answer.error, Unreachable)
    assert len(source.asked) == 1


def test_a_guarded_request_reaches_private_addresses_only_by_name(
    fetcher: Fetcher, source: Source
) -> None:
    source.will(b"picture")
    request = Request(source.url, guarded=True)
    with pytest.raises(Refused):
        fetcher.fetch(request)
    host = source.url.removeprefix("http://")
    assert fetcher.fetch(request, allowed_hosts=[host]).body == b"picture"


def test_many_requests_are_answered_in_their_order(fetcher: Fetcher, source: Source) -> None:
    source.will(b"same")
    requests = [Request(f"{source.url}/{number}") for number in range(20)]
    answers = fetcher.fetch_many(requests, parallel=8)
    assert [answer.request for answer in answers] == requests


def test_the_proxy_of_the_environment_is_used(
    clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", source.url)
    monkeypatch.setenv("NO_PROXY", "")
    source.will(b"by way of the proxy")
    with Fetcher(clock) as made:
        assert made.fetch(Request("http://sumber.example/data")).body == b"by way of the proxy"
    assert source.asked[0][0] == "http://sumber.example/data"


def test_a_token_does_not_follow_a_redirect(fetcher: Fetcher, source: Source) -> None:
    source.will(Answer(status=302, headers={"Location": source.url}), b"there")
    with pytest.raises(Refused, match="302"):
        fetcher.fetch(Request(source.url), headers={"X-Key": "secret"})
    assert len(source.asked) == 1


@pytest.mark.parametrize("url", ["http://[::1", "http://xn--a/", "http://host/" + "x" * 70_000])
def test_a_url_that_is_none_is_an_error_of_its_source(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(Refused, match="URL"):
        fetcher.fetch(Request(url))


def test_a_guarded_request_follows_no_redirect_and_carries_no_secret(
    fetcher: Fetcher, source: Source
) -> None:
    source.will(Answer(status=302, headers={"Location": source.url}))
    request = Request(source.url, guarded=True)
    host = source.url.split("/")[2]
    with pytest.raises(Refused, match="302"):
        fetcher.fetch(request, headers={"X-Key": "secret"}, allowed_hosts=(host,))
    assert len(source.asked) == 1
    assert "X-Key" not in source.asked[0][1]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("93.184.216.34", "http://93.184.216.34:8080/1.jpg?size=s"),
        ("2606:2800:220:1::1", "http://[2606:2800:220:1::1]:8080/1.jpg?size=s"),
    ],
)
def test_a_name_that_turns_private_after_the_check_leads_nowhere_else(
    clock: Clock, address: str, asked: str
) -> None:
    answers = [address, "127.0.0.1"]
    seen: list[httpx.Request] = []

    def resolve(_host: str, port: int, **_more: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def camera(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"picture")

    url = "http://kamera.example:8080/1.jpg?size=s"
    with Fetcher(clock, httpx.MockTransport(camera), resolve) as made:
        assert made.fetch(Request(url, guarded=True)).body == b"picture"
    assert [(str(request.url), request.headers["Host"]) for request in seen] == [
        (asked, "kamera.example:8080")
    ]


def test_a_certificate_is_checked_against_the_name(clock: Clock) -> None:
    seen: list[str] = []

    def camera(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200)

    def resolve(_host: str, port: int, **_more: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    with Fetcher(clock, httpx.MockTransport(camera), resolve) as made:
        made.fetch(Request("https://kamera.example/1.jpg", guarded=True))
    assert seen == ["https://kamera.example/1.jpg"]
