"""The simulated city over HTTP: every feed at its path, its clock, its faults and its past.

/clock             GET: the city's time and its speed
/scenario          GET: what happens in it, and the seed
/faults            GET: faults in force; POST {"dsda": "html"}: give, {"dsda": "none"}: heal
/bulk/T.parquet    GET ?start=&end=: the past of table T, ISO 8601 with a zone
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, get_args

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.serving import WSGIRequestHandler, make_server

from etl.city import (
    air,
    bulk,
    cameras,
    complaints,
    faults,
    floods,
    officers,
    pantau,
    traffic,
    water,
    weather,
)
from etl.city.faults import Faults
from etl.city.world import Handler, Payload, Scenario, World

ROUTES: dict[str, Handler] = {
    path: handler
    for module in (water, pantau, floods, air, weather, complaints, traffic, officers, cameras)
    for path, handler in module.ROUTES.items()
}
_SHORTEST_GZIP = 500


class Clock(Protocol):
    """The clock that city, ETL and web share."""

    @property
    def anchor(self) -> datetime:
        """Instant at which city time and real time are equal."""

    @property
    def speed(self) -> float:
        """City seconds a real second."""

    def now(self) -> datetime:
        """Return the city's time, aware, in UTC."""


def create_city(
    world: World, clock: Clock, given: Faults, *, timeout_s: float = faults.TIMEOUT_SECONDS
) -> Flask:
    """Build the WSGI application of one city.

    Args:
        world: What happens in it.
        clock: Its time.
        given: Its faults; POST /faults changes them.
        timeout_s: Real seconds that the fault "timeout" keeps a client waiting.
    """
    app = Flask("city", static_folder=None)

    def view(handler: Handler) -> Any:
        def answer(**variables: str) -> Response:
            args = {
                **request.args.to_dict(),
                **variables,
                "base_url": request.host_url.rstrip("/"),
            }
            return _answer(world, clock.now(), handler, args, given, timeout_s)

        return answer

    for path, handler in ROUTES.items():
        app.add_url_rule(path, endpoint=path, view_func=view(handler))

    @app.get("/clock")
    def clock_now() -> dict[str, object]:
        return {
            "now": clock.now().isoformat(),
            "anchor": clock.anchor.isoformat(),
            "speed": clock.speed,
        }

    @app.get("/scenario")
    def scenario() -> dict[str, object]:
        return {
            "scenario": world.scenario,
            "seed": world.seed,
            "anchor": world.anchor.isoformat(),
            "scenarios": get_args(Scenario),
        }

    @app.route("/faults", methods=["GET", "POST"])
    def faults_in_force() -> dict[str, str]:
        if request.method == "POST":
            for source, kind in request.get_json().items():
                try:
                    given.give(source, kind, clock.now())
                except ValueError as error:
                    raise BadRequest(str(error)) from error
        return given.listed()

    @app.get("/bulk/<table>.parquet")
    def past(table: str) -> Response:
        if table not in bulk.TABLES:
            raise NotFound(f"{table} is none of {', '.join(bulk.TABLES)}")
        start, end = _moment("start"), _moment("end")
        if start >= end:
            raise BadRequest("start must be before end")
        pieces = bulk.stream(world, table, start, end)
        return Response(pieces, mimetype="application/vnd.apache.parquet")

    return app


def serve(
    clock: Clock, *, port: int, seed: int = 31, scenario: str = "tenang", faults: str = ""
) -> None:
    """Serve one city on 127.0.0.1 until the process is told to end.

    The scenario begins at the clock's anchor, or now if that is more than a day ago.

    Args:
        clock: The city's time.
        port: Port to listen on.
        seed: Which city of all possible ones.
        scenario: One of `Scenario`.
        faults: Such as "dsda=html,waze=timeout".

    Raises:
        ValueError: The scenario or a fault is not known.
    """
    now = clock.now()
    anchor = clock.anchor if now - clock.anchor < timedelta(days=1) else now
    world = World(seed, _scenario(scenario), anchor)
    app = create_city(world, clock, Faults.parse(faults, now))
    make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet).serve_forever()


class _Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each of thousands of requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _scenario(name: str) -> Scenario:
    for known in get_args(Scenario):
        if known == name:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"scenario {name!r} is none of {', '.join(get_args(Scenario))}")


def _answer(
    world: World,
    now: datetime,
    handler: Handler,
    args: Mapping[str, str],
    given: Faults,
    timeout_s: float,
) -> Response:
    fault = given.of(request.path)
    if fault is None:
        return _response(handler(world, now, args))
    if fault.kind == "freeze":
        return _response(handler(world, min(now, fault.since), args))
    if fault.kind == "timeout":
        time.sleep(timeout_s)
    payload = handler(world, now, args)
    broken = faults.broken(fault, payload.body)
    return Response(
        broken.body,
        broken.status,
        broken.headers,
        content_type=broken.content_type or payload.content_type,
    )


def _response(payload: Payload) -> Response:
    response = Response(payload.body, content_type=payload.content_type)
    if payload.etag:
        response.set_etag(payload.etag)
    response.last_modified = payload.modified
    if request.accept_encodings["gzip"] and len(payload.body) > _SHORTEST_GZIP:
        response.set_data(zlib.compress(payload.body, 1, wbits=31))
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    return response


def _moment(name: str) -> datetime:
    try:
        # A plus sign that the client did not escape arrives as a blank.
        found = datetime.fromisoformat(request.args.get(name, "").replace(" ", "+"))
    except ValueError as error:
        raise BadRequest(f"{name} must be ISO 8601") from error
    if found.tzinfo is None:
        raise BadRequest(f"{name} needs a zone")
    return found
