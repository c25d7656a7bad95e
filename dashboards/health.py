"""Liveness, readiness and metrics, for whoever watches the program.

`/healthz` answers as long as the process does; `/readyz` opens the lake and tells how old the
newest run is; `/metrics` speaks the Prometheus text format. Each gunicorn worker counts its own
requests and names itself in the label `worker`.
"""

from __future__ import annotations

import os
from datetime import timedelta

import orjson
import structlog
from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from dashboards.access import EVERYONE
from dashboards.site import Site
from data.feeds import Feed
from data.freshness import ORDER
from data.settings import masked

log = structlog.get_logger()

# Budgets tell of one feed; without any run at all for this long, the scheduler is not there.
SILENT_AFTER = timedelta(minutes=15)


def mount(site: Site) -> None:
    """Put the three endpoints on the site and count its requests."""
    meters = Meters(site.app.server)
    site.route("/healthz", lambda: Response("OK", mimetype="text/plain"), roles=EVERYONE)
    site.route("/readyz", lambda: ready(site), roles=EVERYONE)
    site.route("/metrics", lambda: meters.answer(site), roles=EVERYONE)


def ready(site: Site) -> Response:
    """Answer 200 where the lake opens and runs are being made, else 503 with the reason."""
    try:
        snapshot = site.lake.snapshot()
        feeds = site.versions.feeds().values()
    except Exception as error:
        # Whatever the engine raises, a load balancer must hear 503 and not 500.
        reason = masked(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
        log.error("ready.lake", reason=reason)
        return _reply(503, ready=False, reason=f"lake: {reason}")
    age = newest_run_age(list(feeds), site)
    if age is None:
        return _reply(503, ready=False, reason="no feed has run yet", snapshot=snapshot)
    if age > SILENT_AFTER * site.clock.speed:
        return _reply(
            503, ready=False, reason="no feed has run lately", newest_run_s=age.total_seconds()
        )
    return _reply(200, ready=True, snapshot=snapshot, newest_run_s=age.total_seconds())


def newest_run_age(feeds: list[Feed], site: Site) -> timedelta | None:
    """Return the city time since the newest run of any feed; None before the first."""
    ends = [feed.run["ran_at"] for feed in feeds if feed.run and feed.run["ran_at"]]
    return site.clock.now() - max(ends) if ends else None


class Meters:
    """What one worker measures.

    Args:
        server: Its requests are counted from here on.
    """

    def __init__(self, server: Flask) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "komando_requests_total",
            "Requests answered",
            ["endpoint", "status", "worker"],
            registry=self._registry,
        )
        self._snapshot = self._gauge("komando_lake_snapshot", "Newest snapshot of the lake", [])
        self._state = self._gauge(
            "komando_feed_state", "1 for the state that a feed is in", ["feed", "state"]
        )
        self._age = self._gauge(
            "komando_feed_age_seconds", "City seconds since the feed's newest data", ["feed"]
        )
        self._version = self._gauge(
            "komando_feed_version", "Rises when the feed's data change", ["feed"]
        )
        self._worker = str(os.getpid())
        server.after_request(self._count)

    def answer(self, site: Site) -> Response:
        """Answer `GET /metrics`."""
        now = site.clock.now()
        self._snapshot.set(site.lake.snapshot())
        for feed in site.versions.feeds().values():
            for state in ORDER:
                self._state.labels(feed.name, state).set(feed.state == state)
            self._version.labels(feed.name).set(feed.version)
            if feed.moment is not None:
                self._age.labels(feed.name).set((now - feed.moment).total_seconds())
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)

    def _count(self, response: Response) -> Response:
        endpoint = request.endpoint or "none"
        self._requests.labels(endpoint, response.status_code, self._worker).inc()
        return response

    def _gauge(self, name: str, text: str, labels: list[str]) -> Gauge:
        return Gauge(name, text, labels, registry=self._registry)


def _reply(status: int, **facts: object) -> Response:
    return Response(orjson.dumps(facts), status=status, mimetype="application/json")
