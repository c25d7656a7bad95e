"""feeds.toml is read, or refused with the place that is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from etl.config import read_sources, secrets_from
from etl.errors import Misconfigured
from etl.feed import Feed, discover

DEMO = Path(__file__).parents[2] / "etl" / "feeds.toml"


@pytest.fixture(scope="module")
def feeds() -> dict[str, Feed]:
    return discover()


def read(tmp_path: Path, text: str, feeds: dict[str, Feed], **secrets: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "feeds.toml"
    path.write_text(text)
    return read_sources(path, feeds, city="http://127.0.0.1:1", secret=secrets.get)


def test_the_demo_configuration_names_only_feeds_that_exist(feeds: dict[str, Feed]) -> None:
    sources = read_sources(DEMO, feeds, city="http://127.0.0.1:8060", secret=lambda _name: None)
    assert all(source.simulated for source in sources.values())
    assert sources["cameras"].allowed_hosts == ("127.0.0.1:8060",)
    scheduled = {name for name, feed in feeds.items() if feed.every is not None}
    assert set(sources) == scheduled


def test_settings_of_a_feed_take_the_place_of_its_own(
    tmp_path: Path, feeds: dict[str, Feed]
) -> None:
    text = '[dsda_levels]\nurl = "{city}/x"\nevery = 30\npace = 0\n'
    source = read(tmp_path, text, feeds)["dsda_levels"]
    assert (source.url, source.every, source.pace) == (
        "http://127.0.0.1:1/x",
        timedelta(seconds=30),
        timedelta(0),
    )


def test_a_secret_is_put_in_and_never_shown(tmp_path: Path, feeds: dict[str, Feed]) -> None:
    text = '[openaq]\nurl = "http://x"\nheaders = { X-API-Key = "${AQ_KEY}" }\n'
    source = read(tmp_path, text, feeds, AQ_KEY="s3cret")["openaq"]
    assert source.headers == {"X-API-Key": "s3cret"}
    assert "s3cret" not in repr(source)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[rivers]\nurl = "x"', "no feed is called 'rivers'"),
        ('[openaq]\nurl = "x"\nspeed = 3', r"\[openaq\] speed"),
        ('[openaq]\nurl = "x"\nevery = -3', r"\[openaq\] every"),
        ("[openaq]", r"\[openaq\] url"),
        ("[openaq", "feeds.toml"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, feeds: dict[str, Feed], text: str, message: str
) -> None:
    with pytest.raises(Misconfigured, match=message):
        read(tmp_path, text, feeds)


@pytest.mark.parametrize(
    "text", ['url = "x"\nheaders = { K = "${AQ_KEY}" }', 'url = "http://x/?key=${AQ_KEY}"']
)
def test_a_missing_secret_stops_its_feed_alone(
    tmp_path: Path, feeds: dict[str, Feed], text: str
) -> None:
    sources = read(tmp_path, f'[openaq]\n{text}\n[waze_ccp]\nurl = "http://y"', feeds)
    assert "KOMANDO_AQ_KEY is not set" in (sources["openaq"].problem or "")
    assert sources["waze_ccp"].problem is None


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "KOMANDO_B").write_text("from file\n")
    look_up = secrets_from({"KOMANDO_A": "from environment"}, tmp_path)
    assert [look_up(name) for name in "ABC"] == ["from environment", "from file", None]
