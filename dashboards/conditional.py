"""Answers that a browser keeps and asks for again: 304 where they are still the same."""

from __future__ import annotations

from hashlib import blake2b

from flask import Response, request


def conditional(body: bytes, kind: str = "application/json", *, tag: str = "") -> Response:
    """Return bytes that the browser may keep.

    Args:
        kind: Media type.
        tag: What tells one answer from another where their bytes say too much, such as the time of
            asking; empty: the bytes do.
    """
    response = Response(body, mimetype=kind)
    response.set_etag(tag or blake2b(body, digest_size=12).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
