"""What the forms share by which staff write into a register: directives, victims, evacuees."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def button(word: str, url: str, action: str, number: int = 0) -> Component:
    """Return the button that sends its form.

    Args:
        url: Where to.
        action: What is to be done.
        number: Of the entry that it is done to; 0 for a new one.
    """
    return html.Button(
        word,
        type="button",
        className="button is-first",
        **{
            "data-act": "catat",
            "data-url": url,
            "data-do": action,
            "data-number": str(number),
        },
    )
