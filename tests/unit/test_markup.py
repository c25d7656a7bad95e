from html.parser import HTMLParser

import dash_mantine_components as dmc
import pytest
from dash import dcc, html
from dash_svg import LinearGradient, Path, Svg

from dashboards.markup import NotHtmlError, html_text


def attributes(text: str) -> dict[str, str | None]:
    """Return the attributes of the first element, read as a browser reads them."""
    found: list[dict[str, str | None]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda _tag, attrs: found.append(dict(attrs))
    parser.feed(text)
    return found[0]


def test_text_is_escaped_in_content_and_in_attributes():
    tree = html.P("<script>alert(1)</script> & co", title='"><img src=x onerror=alert(1)>')
    assert html_text(tree) == (
        '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">'
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co</p>"
    )


def test_properties_become_the_attributes_that_browsers_know():
    tree = html.Label(
        "Cari",
        htmlFor="q",
        className="a b",
        tabIndex=0,
        hidden=True,
        style={"backgroundColor": "red", "width": "5%", "--level": "1"},
        **{"data-act": "go", "aria-label": "Cari"},
    )
    assert attributes(html_text(tree)) == {
        "for": "q",
        "class": "a b",
        "tabindex": "0",
        "hidden": None,
        "style": "background-color:red;width:5%;--level:1",
        "data-act": "go",
        "aria-label": "Cari",
    }


def test_lists_numbers_and_nothing_are_children_too():
    assert html_text([html.Ul([html.Li(1), None, html.Li([2, " b"])]), html.Br()]) == (
        "<ul><li>1</li><li>2 b</li></ul><br>"
    )


def test_what_is_false_or_unset_leaves_no_attribute():
    assert html_text(html.Div(hidden=False, title=None)) == "<div></div>"


@pytest.mark.parametrize("part", [dcc.Link("x", href="/"), dmc.Button("x")])
def test_components_that_only_dash_draws_are_told_apart(part):
    with pytest.raises(NotHtmlError):
        html_text(html.Div([html.P("a"), part]))


def test_a_drawing_keeps_the_names_of_svg() -> None:
    drawing = Svg([Path(d="M0 0", strokeWidth=2), LinearGradient()], viewBox="0 0 1 1")

    assert html_text(drawing) == (
        '<svg viewBox="0 0 1 1"><path d="M0 0" stroke-width="2"></path>'
        "<linearGradient></linearGradient></svg>"
    )
