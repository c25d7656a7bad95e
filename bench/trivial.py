"""The yardstick of a cached panel: a Dash app with one callback that returns a constant."""

from __future__ import annotations

import json
import os

from dash import Dash, Input, Output, dcc, html
from flask import Flask


def serve() -> Flask:
    """Return the WSGI app; the constant comes from BENCH_BODY."""
    constant = json.loads(os.environ["BENCH_BODY"])
    app = Dash(use_async=False, enable_mcp=False, update_title=None)
    app.layout = html.Div([dcc.Input(id="in"), html.Div(id="out")])

    @app.callback(Output("out", "children"), Input("in", "value"))
    def answer(_value: object) -> object:
        return constant

    server: Flask = app.server
    server.test_client().get("/")
    return server
