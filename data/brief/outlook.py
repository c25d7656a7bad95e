"""The next 6 to 24 hours: BMKG's warnings and forecast, and the waves on their way downstream."""

from __future__ import annotations

from datetime import datetime, timedelta

from data import queries, words
from data.asof import WIB
from data.brief import prose
from data.brief.alarms import Standing, is_fresh
from data.brief.asking import Asking, rules
from data.brief.model import Sentence

CITY = "31"
MOST_WAVES = 3
# BMKG's codes from here on are rain.
RAIN = 60


def sentences(asking: Asking, found: Standing) -> tuple[Sentence, ...]:
    """Return what lies ahead."""
    told = (*_warnings(asking), _weather(asking), *_waves(asking, found))
    return tuple(sentence for sentence in told if sentence is not None)


def _warnings(asking: Asking) -> list[Sentence | None]:
    warnings = asking.ask(queries.warnings_now)
    if not warnings.rows:
        return [asking.say("bmkg-nihil", warnings)]
    # The same is warned of again every half hour; the last to expire says it all.
    last = {row["headline"] or row["event"]: row for row in warnings.rows}
    return [
        asking.say(
            "bmkg-peringatan",
            warnings,
            about=row["event"],
            facts={"judul": title, "sampai": prose.clock(row["expires_at"], asking.now)},
        )
        for title, row in last.items()
    ]


def _weather(asking: Asking) -> Sentence | None:
    forecast = asking.ask(queries.forecast_next, CITY)
    horizon = asking.now + timedelta(hours=rules()["outlook_h"])
    steps = [row for row in forecast.rows if row["valid_time"] <= horizon]
    if not steps:
        if asking.usable("cuaca", "cuaca sampai 24 jam ke depan", forecast):
            asking.miss(
                "cuaca",
                "Prakiraan cuaca belum diketahui: BMKG tidak memberi prakiraan untuk saat ini.",
                "cuaca sampai 24 jam ke depan",
                forecast,
            )
        return None
    gravest = max(steps, key=lambda row: (row["wettest_code"] or 0, -row["valid_time"].timestamp()))
    coolest = min(row["coolest_c"] for row in steps)
    warmest = max(row["warmest_c"] for row in steps)
    return asking.say(
        "cuaca",
        forecast,
        facts={
            "cuaca": str(gravest["wettest"]).lower(),
            "jam": words.number(rules()["outlook_h"]),
            "hujan": _rain(steps, asking.now),
            "dingin": words.number(coolest),
            "panas": words.number(warmest),
        },
    )


def _rain(steps: list[queries.Row], now: datetime) -> str:
    wet = [row for row in steps if row["wet"]]
    if not wet:
        return "tidak ada kelurahan yang diprakirakan hujan"
    widest = max(wet, key=lambda row: (row["wet"], -row["valid_time"].timestamp()))
    when = prose.clock(max(widest["valid_time"], now).astimezone(WIB), now)
    places = f"{words.number(widest['wet'])} dari {words.number(widest['places'])} kelurahan"
    return f"hujan paling luas di {places} sekitar {when}"


def _waves(asking: Asking, found: Standing) -> list[Sentence | None]:
    told = [row for row in found.gates.values() if is_fresh(row, asking.now)]
    if not found.windows:
        return [
            asking.say(
                "gelombang-nihil",
                found.gates_answer,
                found.levels,
                n=len(told),
                facts={"jumlah": words.number(len(told))},
            )
        ]
    nearest = sorted(found.windows.items(), key=lambda item: (item[1].earliest, item[0]))
    said = []
    for station, window in nearest:
        if station not in found.gates or window.origin not in found.gates:
            continue
        facts = {
            "hulu": found.gates[window.origin]["name"],
            "hilir": found.gates[station]["name"],
            "dasar": "rentang waktu tempuh yang dipublikasikan"
            if window.crests is None
            else f"rentang 90 persen dari {words.number(window.crests)} puncak",
        }
        answers = (
            found.gates_answer,
            found.levels,
            *(() if window.crests is None else (found.lags,)),
        )
        if window.latest is None:
            said.append(
                asking.say(
                    "gelombang-naik",
                    *answers,
                    about=station,
                    facts={"awal": prose.clock(window.earliest, asking.now), **facts},
                )
            )
        else:
            said.append(
                asking.say(
                    "gelombang",
                    *answers,
                    about=station,
                    facts={
                        "rentang": prose.between(window.earliest, window.latest, asking.now),
                        **facts,
                    },
                )
            )
    return said[:MOST_WAVES]
