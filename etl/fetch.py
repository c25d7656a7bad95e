"""Fetch over HTTP: time-outs, a size limit, conditional requests, and retries where they help.

Proxies and a private CA come from the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE) as httpx
reads them.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx
import stamina

from data.clock import Clock
from etl.errors import FetchError, Refused, TooLarge, Unreachable
from etl.feed import Request, Response
from etl.guard import Resolve, public_address

LARGEST_BODY = 32 * 1024 * 1024
ATTEMPTS = 3
USER_AGENT = "komando-jakarta/0.1 (+pusat komando; satu permintaan per jadwal)"
# Answers that may be better in a moment; any other of 400 and up stays as it is.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

# What lies behind an error of httpx, and what an operator is told of it.
_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "nama host tidak dikenal"),
    (ssl.SSLError, "sambungan TLS gagal, periksa sertifikatnya"),
    (ConnectionRefusedError, "sambungan ditolak"),
    (httpx.ProxyError, "proxy menolak permintaan"),
)


class Fetcher:
    """One HTTP client for all feeds; safe to use from many threads.

    Args:
        clock: Gives `Response.fetched_at`.
        transport: Tests hand in their own.
        resolve: Tests hand in their own.
    """

    def __init__(
        self,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._clock = clock
        self._resolve = resolve
        self._client = httpx.Client(
            transport=transport,
            follow_redirects=True,
            max_redirects=3,
            headers={"User-Agent": USER_AGENT},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        )

    def __enter__(self) -> Fetcher:
        """Return the fetcher."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the client's connections."""
        self.close()

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def fetch(
        self,
        request: Request,
        *,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        allowed_hosts: Sequence[str] = (),
        limit: int | None = LARGEST_BODY,
    ) -> Response:
        """Return the answer to one request.

        Args:
            request: What to ask.
            headers: Headers of feeds.toml.
            etag: Of the last payload; the answer may then be "not modified".
            allowed_hosts: Hosts (`host:port`) that a guarded request may reach though private.
            limit: Most bytes that are read; None where the source is trusted.

        Raises:
            Unreachable: No good answer after `ATTEMPTS` tries.
            Refused: An answer that a retry does not change.
        """
        try:
            address = None
            if request.guarded:
                address = public_address(request.url, allowed_hosts, resolve=self._resolve)
                # Whoever wrote the URL is not told the secrets of the feed.
                headers = {}
            if request.tolerate:
                return self._once(request, headers or {}, etag, limit, address)
            for attempt in stamina.retry_context(
                on=Unreachable, attempts=ATTEMPTS, wait_initial=0.5, wait_max=5.0
            ):
                with attempt:
                    return self._once(request, headers or {}, etag, limit, address)
        except FetchError as error:
            if not request.tolerate:
                raise
            return Response(request, b"", self._clock.now(), error=error)
        raise AssertionError("a retry loop returns or raises")

    def fetch_many(
        self,
        requests: Sequence[Request],
        *,
        parallel: int,
        headers: Mapping[str, str] | None = None,
        allowed_hosts: Sequence[str] = (),
        limit: int | None = LARGEST_BODY,
    ) -> list[Response]:
        """Return the answers in the order of the requests, `parallel` of them at once.

        Raises:
            FetchError: One that is not tolerated failed.
        """

        def one(request: Request) -> Response:
            return self.fetch(request, headers=headers, allowed_hosts=allowed_hosts, limit=limit)

        with ThreadPoolExecutor(max(1, parallel)) as pool:
            return list(pool.map(one, requests))

    def _once(
        self,
        request: Request,
        headers: Mapping[str, str],
        etag: str | None,
        limit: int | None,
        address: str | None,
    ) -> Response:
        sent = {**headers, **request.headers}
        if etag:
            sent["If-None-Match"] = etag
        started = time.perf_counter()
        try:
            url = httpx.URL(request.url)
            host = url.host
        except (httpx.InvalidURL, ValueError) as error:
            raise Refused("URL tidak dapat diminta") from error
        if request.params:
            # httpx's own `params` would replace the query that feeds.toml gives.
            url = url.copy_merge_params(dict(request.params))
        if address is not None and url.scheme == "http":
            # Over TLS the certificate tells another server, and a proxy needs the name.
            sent["Host"] = url.netloc.decode("ascii")
            url = url.copy_with(host=address)
        try:
            with self._client.stream(
                "GET",
                url,
                headers=sent,
                timeout=request.timeout,
                # A redirect would lead past the guard, or take a token to another host.
                follow_redirects=not request.guarded and not headers,
            ) as answer:
                self._check(answer, host)
                body = self._read(answer, host, started + request.timeout, limit)
        except httpx.DecodingError as error:
            raise Unreachable(f"{host}: jawaban terkompresi terpotong") from error
        except httpx.TimeoutException as error:
            raise Unreachable(f"{host}: tidak menjawab dalam {request.timeout:g} detik") from error
        except httpx.TooManyRedirects as error:
            raise Refused(f"{host}: terlalu banyak pengalihan") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Refused(f"{host}: URL tidak dapat diminta") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{host}: {_why_silent(error)}") from error
        latency = (time.perf_counter() - started) * 1000
        return Response(
            request,
            body,
            self._clock.now(),
            latency,
            etag=answer.headers.get("ETag"),
            modified=_moment(answer.headers.get("Last-Modified")),
            not_modified=answer.status_code == httpx.codes.NOT_MODIFIED,
        )

    @staticmethod
    def _check(answer: httpx.Response, host: str) -> None:
        status = answer.status_code
        if status == httpx.codes.NOT_MODIFIED or answer.is_success:
            return
        reason = f"{host} menjawab HTTP {status}"
        if status in PASSING:
            raise Unreachable(reason)
        if status in (401, 403):
            raise Refused(f"{reason}: periksa headers sumber ini dalam feeds.toml")
        raise Refused(reason)

    @staticmethod
    def _read(answer: httpx.Response, host: str, deadline: float, limit: int | None) -> bytes:
        chunks, size = [], 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if limit is not None and size > limit:
                raise TooLarge(
                    f"{host} mengirim lebih dari {limit // 2**20} MB;"
                    " muat berkas sebesar itu dengan `etl run NAMA --from BERKAS`"
                )
            if time.perf_counter() > deadline:
                raise Unreachable(f"{host}: jawaban tidak lengkap sampai batas waktu")
            chunks.append(chunk)
        return b"".join(chunks)


def _moment(written: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(written or "")
    except ValueError:
        return None
    # "-0000" is a time without a zone; HTTP knows only GMT.
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _why_silent(error: httpx.HTTPError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        for kind, words in _CAUSES:
            if isinstance(cause, kind):
                return words
        # Not `__cause__`: httpcore raises `from None`.
        cause = cause.__context__
    return "tidak dapat tersambung" if isinstance(error, httpx.ConnectError) else "sambungan putus"
