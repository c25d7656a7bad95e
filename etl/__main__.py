"""The command line: `python -m etl COMMAND`. Composition root of the ETL.

Exit codes: 0 ok, 1 a feed failed, 2 usage, 3 configuration.
"""

from __future__ import annotations

import csv
import functools
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import duckdb
import rich
import stamina
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from data import uploads
from data.areas import default_shapes, dissolve
from data.asof import WIB
from data.frames import Frames
from data.lake import Lake, LakeError
from data.log import configure
from data.photos import Photos
from data.publications import Publication
from data.settings import SettingError, Settings, masked, read_settings
from data.store import Store, StoreError
from data.uploads import UploadError, Uploads
from etl import alarms as alarm_rules
from etl import backup as backups
from etl import boundaries as boundary_files
from etl import doctor as diagnosis
from etl import editions, history, rankings
from etl import layers as layer_files
from etl import photos as photo_files
from etl.archive import Archive
from etl.config import Source, read_sources, secrets_from
from etl.corridors import sum_up
from etl.declare import declare, purge_simulated, replace_areas, replace_layer
from etl.delivery import ways
from etl.editions import Press
from etl.errors import EtlError, Malformed, Misconfigured
from etl.feed import Feed, Request, discover
from etl.fetch import Fetcher
from etl.maintain import STEPS, WALLS_KEPT
from etl.maintain import maintain as maintain_lake
from etl.own import declare as declare_own
from etl.question import ask
from etl.runner import Runner, Tally, open_file
from etl.schedule import Chore
from etl.schedule import serve as serve_schedule
from etl.secrets import reporter_key

# A city that runs sixty times as fast need not be judged sixty times as often.
SHORTEST_WATCH = timedelta(seconds=5)
SHORTEST_PRESS = timedelta(seconds=1)
# An edition waits for the writer's lock as long as it does, however fast the city runs.
SHORTEST_ALARM = timedelta(seconds=30)
OK, FEED_FAILED, USAGE, CONFIGURATION = 0, 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Fill the lake of the command centre, look into it, keep it.",
)
console = Console(stderr=True)


class Format(StrEnum):
    """How `sql` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class EditionName(StrEnum):
    """Kinds of editions of the brief."""

    PAGI = "pagi"
    SORE = "sore"
    SITUASI = "situasi"


class _Program:
    """What most commands need, put together once."""

    def __init__(self, lake_folder: Path | None = None) -> None:
        self.settings = _settings(lake_folder)
        self.clock = self.settings.clock()
        self.feeds: dict[str, Feed] = discover()
        look_up = secrets_from(os.environ, self.settings.secrets)
        self.sources: dict[str, Source] = read_sources(
            self.settings.feeds, self.feeds, city=self.settings.city, secret=look_up
        )
        self.lake = Lake(self.settings)
        self.archive = Archive(self.settings.root / "raw", self.settings.raw_days)
        self.fetcher = Fetcher(self.clock)
        self.photos = Photos(self.settings.photos)
        self.store = Store(self.settings.store_url)
        declare(self.lake, self.feeds, self.sources, self.clock.now())
        self.runner = Runner(
            self.lake,
            self.clock,
            self.feeds,
            self.sources,
            self.fetcher,
            self.archive,
            reporter_key=reporter_key(self.settings),
            watched=self.store.watched,
            frames=Frames(self.settings.frames),
        )

    @functools.cached_property
    def reader(self) -> Lake:
        """The lake as the web reads it."""
        reader = Lake(self.settings, read_only=True)
        reader.hold_reference()
        return reader

    def press(self) -> Press:
        """Return what makes the editions of the brief."""
        alarm_after = max(editions.ALARM_AFTER, SHORTEST_ALARM * self.clock.speed)
        return Press(
            self.lake, self.reader, self.store, ways(self.settings), alarm_after=alarm_after
        )

    def publish_rankings(self) -> list[Publication]:
        """Publish the boards of the last midnight that are not published yet."""
        return rankings.publish(self.lake, self.reader, self.store, self.clock.now())

    def collect_photos(self, within: timedelta | None = None, most: int | None = None) -> Tally:
        """Fetch photos of complaints that were finished of late."""
        return photo_files.collect(
            self.lake,
            self.photos,
            self.fetcher,
            self.sources,
            self.clock.now(),
            within=within or timedelta(days=self.settings.photo_fetch_days),
            most=most or photo_files.MOST_A_RUN,
        )

    def maintain(self, progress: Callable[[str], object] = lambda _step: None) -> None:
        """Do the upkeep of the lake and of what lies beside it."""
        maintain_lake(self.lake, self.archive, progress)
        progress("forget what walls were asked")
        self.store.forget_wall_log(self.clock.now() - WALLS_KEPT)
        progress("remove old photos")
        self.tidy_photos()

    def tidy_photos(self) -> None:
        """Delete photos that are too old, or of which no row tells any more."""
        kept = timedelta(days=self.settings.photo_days)
        photo_files.tidy(self.lake, self.photos, self.clock.now() - kept)


def _settings(lake_folder: Path | None) -> Settings:
    settings = read_settings(os.environ.get("KOMANDO_SECRETS"))
    return settings if lake_folder is None else settings.model_copy(update={"home": lake_folder})


LakeFolder = Annotated[
    Path | None, typer.Option("--lake", help="Work on this home folder instead of KOMANDO_HOME.")
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Do all but keep nothing.")]


@app.command("list")
def list_feeds() -> None:
    """List the feeds: title, schedule, format."""
    table = Table("feed", "title", "every", "tables", "reads")
    for name, feed in discover().items():
        every = "backfill" if feed.every is None else f"{feed.every.total_seconds():g} s"
        table.add_row(name, feed.title, every, ", ".join(feed.tables), feed.reads)
    rich.print(table)


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(help="Feeds to run.")],
    source: Annotated[
        str | None, typer.Option("--from", help="A file or URL instead of the configured source.")
    ] = None,
    dry_run: Dry = False,
    lake: LakeFolder = None,
) -> None:
    """Run feeds once, from their source or from a file."""
    program = _Program(lake)
    if source is not None and len(names) != 1:
        raise typer.BadParameter("--from goes with one feed")
    failed = False
    for name in names:
        if source is None:
            tally = program.runner.run(name, dry=dry_run)
        else:
            tally = _run_from(program, name, source, past=False, dry=dry_run)
        failed |= tally.outcome == "failed"
        _print_tally(tally.summary(), tally.error)
    program.lake.settle()
    raise typer.Exit(FEED_FAILED if failed else OK)


@app.command()
def backfill(
    name: Annotated[str, typer.Argument(help="Feed that reads the files.")],
    paths: Annotated[list[Path], typer.Argument(help="Files, in any order.")],
    dry_run: Dry = False,
    lake: LakeFolder = None,
) -> None:
    """Load history from files; known_time is assumed from event_time."""
    program = _Program(lake)
    failed: list[str] = []
    broken = False
    for path in track(sorted(paths), description=name, console=console, disable=_quiet()):
        try:
            tally = _run_from(program, name, str(path), past=True, dry=dry_run)
        except Malformed as error:
            failed.append(f"{path.name}: {error}")
            continue
        broken |= tally.outcome == "failed"
        _print_tally({"file": path.name, **tally.summary()}, tally.error)
        _print_refused(tally)
    program.lake.settle()
    if failed:
        for line in failed:
            console.print(line, style="red", markup=False)
        console.print(_what_is_read(program.feeds, name), markup=False)
        raise typer.Exit(USAGE)
    if broken:
        raise typer.Exit(FEED_FAILED)


@app.command()
def schedule(lake: LakeFolder = None) -> None:
    """Run all configured feeds on their schedule until SIGTERM."""
    program = _Program(lake)
    declare(program.lake, program.feeds, program.sources, program.clock.now(), renew=True)
    declare_own(program.lake, photo_files.OWN, program.clock.now())
    watch = alarm_rules.Watch(program.lake)
    press = program.press()
    # Before the rules are judged: who was away for a while is not an edition overdue.
    press.look(program.clock.now())
    serve_schedule(
        program.runner,
        program.feeds,
        program.sources,
        program.clock,
        (
            Chore("maintain", timedelta(minutes=10), program.maintain),
            Chore(
                "rollups",
                max(SHORTEST_WATCH, program.clock.wait(timedelta(minutes=1))),
                program.lake.settle,
            ),
            Chore(
                "corridor_hours",
                program.clock.wait(timedelta(minutes=10)),
                lambda: sum_up(program.lake, program.clock.now()),
            ),
            Chore("photos", program.clock.wait(photo_files.EVERY), program.collect_photos),
            Chore(
                "alarms",
                max(SHORTEST_WATCH, program.clock.wait(alarm_rules.EVERY)),
                lambda: watch.look(program.clock.now()),
            ),
            Chore(
                "brief",
                max(SHORTEST_PRESS, program.clock.wait(editions.EVERY)),
                lambda: press.look(program.clock.now()),
            ),
            Chore(
                "rankings",
                max(SHORTEST_WATCH, program.clock.wait(rankings.EVERY)),
                program.publish_rankings,
            ),
        ),
    )


@app.command()
def alarms(
    start: Annotated[
        str | None, typer.Option("--from", help="First moment, ISO; WIB without an offset.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last moment; default: now.")] = None,
    every: Annotated[
        int, typer.Option(min=1, max=1_440, help="Minutes between two moments of the past.")
    ] = 10,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Only this rule; repeatable.")
    ] = None,
    lake: LakeFolder = None,
) -> None:
    """Judge the alarm rules and the city status, now or at each moment of the past."""
    program = _Program(lake)
    now = program.clock.now()
    if start is None:
        if end is not None:
            raise typer.BadParameter("--to goes with --from")
        tally = alarm_rules.evaluate(program.lake, now, rule or ())
        _print_tally(tally.summary() if tally else {"feed": alarm_rules.FEED, "loaded": 0}, None)
        return
    first, last = _moment(start, "--from"), now if end is None else _moment(end, "--to")
    if not first <= last <= now:
        raise typer.BadParameter("--from must not come after --to, nor --to after now")
    tally = alarm_rules.evaluate_past(
        program.lake,
        first,
        last,
        timedelta(minutes=every),
        now,
        rule or (),
        lambda moments: track(moments, description="alarms", console=console, disable=_quiet()),
    )
    _print_tally(tally.summary(), None)


@app.command()
def brief(
    at: Annotated[
        str | None, typer.Option("--pada", help="Cut, ISO; WIB without an offset. Default: newest.")
    ] = None,
    kind: Annotated[EditionName, typer.Option("--jenis", help="Edition.")] = EditionName.SITUASI,
    lake: LakeFolder = None,
) -> None:
    """Make one edition of the governor's brief and hand it out, unless it is kept already."""
    program = _Program(lake)
    now = program.clock.now()
    cut = editions.newest_cut(kind.value, now) if at is None else _moment(at, "--pada")
    if cut > now:
        raise typer.BadParameter("--pada must not come after now")
    press = program.press()
    edition = press.make(kind.value, cut, now, by="admin")
    failures = press.deliver(now)
    _print_tally(
        {"edition": edition.id, "state": edition.state, "sha256": edition.sha256},
        "; ".join(failures) or None,
    )
    raise typer.Exit(FEED_FAILED if failures else OK)


@app.command()
def photos(
    days: Annotated[
        int | None,
        typer.Option(min=1, max=366, help="Of complaints finished within so many days."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = (
        photo_files.MOST_A_RUN
    ),
    lake: LakeFolder = None,
) -> None:
    """Fetch the photos of finished complaints once: hash them, strip them, keep them a while."""
    program = _Program(lake)
    declare_own(program.lake, photo_files.OWN, program.clock.now())
    within = None if days is None else timedelta(days=days)
    failed, wanted = False, most
    while wanted > 0 and not failed:
        # Run by run, so that what was fetched is kept should somebody stop it.
        asked = min(wanted, photo_files.MOST_A_RUN)
        tally = program.collect_photos(within, asked)
        _print_tally(tally.summary(), tally.error)
        failed = tally.outcome == "failed"
        wanted = wanted - asked if tally.fetched == asked else 0
    raise typer.Exit(FEED_FAILED if failed else OK)


@app.command()
def status(lake: LakeFolder = None) -> None:
    """Show the newest run of each feed."""
    program = _Program(lake)
    rows = program.lake.rows(
        "select feed, outcome, finished_at, fetched, loaded, unchanged, quarantined, error"
        " from feed_runs"
        " qualify row_number() over (partition by feed order by finished_at desc) = 1"
        " order by feed"
    )
    table = Table("feed", "outcome", "finished (WIB)", "fetched", "loaded", "unchanged", "quar.")
    for row in rows:
        counts = [str(row[key]) for key in ("fetched", "loaded", "unchanged", "quarantined")]
        table.add_row(
            row["feed"], row["outcome"], f"{row['finished_at']:%d-%m-%Y %H.%M.%S}", *counts
        )
        if row["error"]:
            table.add_row("", Text(f"  {row['error']}"))
    rich.print(table)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A query; nothing can be written.")],
    output: Annotated[Format, typer.Option("--format")] = Format.TABLE,
    lake: LakeFolder = None,
) -> None:
    """Ask the lake, read-only and locked in."""
    settings = _settings(lake)
    Lake(settings).close()
    try:
        names, rows = ask(settings, query)
    except (duckdb.Error, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(USAGE) from error
    if output is Format.JSON:
        records = [dict(zip(names, row, strict=True)) for row in rows]
        typer.echo(json.dumps(records, default=str, ensure_ascii=False))
    elif output is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    else:
        table = Table(*names)
        for row in rows:
            # As text, for redacted complaints hold words in square brackets.
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
        rich.print(table)


@app.command()
def boundaries(
    source: Annotated[
        str | None, typer.Argument(help="GeoJSON file or URL; none: cells around the points.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="kelurahan, kecamatan, kota or rw.")] = None,
    lake: LakeFolder = None,
) -> None:
    """Load area boundaries."""
    program = _Program(lake)
    if source is None:
        shapes = default_shapes()
    else:
        try:
            found = boundary_files.read_boundaries(_read_all(program, source), level, source)
        except Malformed as error:
            _end(USAGE, f"{source}: {error}")
        shapes = found.shapes
        if found.level == "kelurahan" and not found.missing:
            shapes = [*shapes, *dissolve(shapes)]
        for reject in found.rejects:
            console.print(f"left out: {reject.reason}: {reject.raw[:200]}", markup=False)
        if found.missing:
            console.print(f"not in the file: {', '.join(found.missing)}", markup=False)
    replace_areas(program.lake, shapes)
    counts = {name: sum(s.level == name for s in shapes) for name in {s.level for s in shapes}}
    _print_tally({"source": source or "points", **counts}, None)


@app.command()
def layer(
    path: Annotated[Path, typer.Argument(help="GeoJSON, or CSV with lon and lat.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the layer; default: the file's.")
    ] = None,
    source: Annotated[str, typer.Option(help="Who publishes it.")] = "tidak disebutkan",
    dated: Annotated[str | None, typer.Option(help="Date of the data, YYYY-MM-DD.")] = None,
    lake: LakeFolder = None,
) -> None:
    """Load a city layer from any GeoJSON or CSV file."""
    program = _Program(lake)
    try:
        day = date.fromisoformat(dated) if dated else None
    except ValueError as error:
        raise typer.BadParameter(f"{dated}: a date is written YYYY-MM-DD") from error
    with open_file(path) as body:
        try:
            found = layer_files.read_layer(body, path.name)
        except Malformed as error:
            _end(USAGE, f"{path}: {error}")
    title = name or found.name
    replace_layer(
        program.lake, title, found.rows, source=source, dated=day, now=program.clock.now()
    )
    for reject in found.rejects:
        console.print(f"left out: {reject.reason}", markup=False)
    counts = {"layer": title, "features": len(found.rows), "left_out": len(found.rejects)}
    _print_tally(counts, None)


@app.command()
def upload(
    kind: Annotated[str, typer.Argument(help="What the figures are of, such as petugas.")],
    path: Annotated[Path, typer.Argument(help="CSV: kode or kelurahan, and the figures.")],
    source: Annotated[str, typer.Option(help="Who publishes them.")],
    dated: Annotated[str, typer.Option(help="Day that they are of, YYYY-MM-DD.")],
    lake: LakeFolder = None,
) -> None:
    """Keep figures per kelurahan from a CSV, whole or not at all; nothing about persons."""
    settings = _settings(lake)
    known = uploads.kinds()
    if kind not in known:
        raise typer.BadParameter(f"{kind}: known are {', '.join(known)}")
    with open_file(path) as body:
        content = bytes(body)
    try:
        number = Uploads(Store(settings.store_url)).keep(
            kind,
            content,
            name=path.name,
            source=source,
            dated=dated,
            simulated=False,
            role="admin",
            at=settings.clock().now(),
        )
    except UploadError as error:
        _end(USAGE, error)
    _print_tally({"upload": number, "kind": kind, "bytes": len(content)}, None)


@app.command()
def purge(
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Remove every row of the simulated city.")
    ] = False,
    lake: LakeFolder = None,
) -> None:
    """Remove simulated rows, when a feed goes real."""
    if not simulated:
        raise typer.BadParameter("only `purge --simulated` is known; real rows are never removed")
    program = _Program(lake)
    for table, count in purge_simulated(program.lake).items():
        _print_tally({"table": table, "removed": count}, None)
    program.tidy_photos()


@app.command()
def maintain(lake: LakeFolder = None) -> None:
    """Merge small files, forget old snapshots, remove what is no longer needed."""
    program = _Program(lake)
    with console.status("") as spinner:
        program.maintain(lambda step: spinner.update(step))
    console.print(f"{len(STEPS) + 4} steps done")


@app.command()
def backup(folder: Path, lake: LakeFolder = None) -> None:
    """Copy the lake and the store into an empty folder."""
    program = _Program(lake)
    copied = backups.backup(program.lake, program.settings, folder)
    _print_tally({"folder": str(folder), "files": copied}, None)


@app.command()
def restore(folder: Path, lake: LakeFolder = None) -> None:
    """Bring a backup back into an empty home folder."""
    settings = _settings(lake)
    copied = backups.restore(settings, folder)
    _print_tally({"home": str(settings.root), "files": copied}, None)


@app.command()
def city(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8060,
    seed: Annotated[int, typer.Option(help="Another seed is another city.")] = 31,
    scenario: Annotated[str, typer.Option(help="tenang, malam-banjir, jam-sibuk, kabut-asap.")] = (
        "tenang"
    ),
    faults: Annotated[str, typer.Option(help="Such as dsda=html,waze=timeout.")] = "",
    speed: Annotated[float | None, typer.Option(help="City seconds a real second.")] = None,
) -> None:
    """Serve the simulated city."""
    from etl.city import server

    settings = _settings(None)
    clock = (
        settings.clock()
        if speed is None
        else settings.model_copy(update={"clock_speed": speed}).clock()
    )
    try:
        server.serve(clock, port=port, seed=seed, scenario=scenario, faults=faults)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command("history")
def load_history(
    years: Annotated[float, typer.Option(min=0.01, max=20, help="Years of demo history.")] = 10.0,
    lake: LakeFolder = None,
) -> None:
    """Load the simulated city's past, once, so that the live feeds go on without a seam."""
    program = _Program(lake)
    now = program.clock.now()
    counts = history.load(
        program.lake,
        program.fetcher,
        program.feeds,
        program.settings.city,
        start=now - timedelta(days=365.25 * years),
        now=now,
        show=lambda steps: track(steps, description="history", console=console, disable=_quiet()),
    )
    for table, count in counts.items():
        _print_tally({"table": table, "rows": count}, None)


@app.command()
def doctor(
    name: Annotated[str | None, typer.Argument(help="Also try this feed.")] = None,
    lake: LakeFolder = None,
) -> None:
    """Show every setting and its source, try lake, store, disk, and one feed."""
    settings = _settings(lake)
    if not diagnosis.report(settings, os.environ, console):
        raise typer.Exit(CONFIGURATION)
    if name is not None:
        program = _Program(lake)
        if not diagnosis.try_feed(program.runner, program.feeds, program.sources, name, console):
            raise typer.Exit(FEED_FAILED)


def _run_from(program: _Program, name: str, source: str, *, past: bool, dry: bool) -> Tally:
    if "://" in source:
        return program.runner.run_file(
            name, _download(program, source), source, history=past, dry=dry
        )
    with open_file(Path(source)) as view:
        return program.runner.run_file(name, view, source, history=past, dry=dry)


def _moment(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{option} {text}: a moment is written YYYY-MM-DDTHH:MM"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).astimezone(UTC)


def _read_all(program: _Program, source: str) -> bytes:
    if "://" in source:
        return _download(program, source)
    with open_file(Path(source)) as view:
        return bytes(view)


def _download(program: _Program, url: str) -> bytes:
    return program.fetcher.fetch(Request(url)).body


def _what_is_read(feeds: dict[str, Feed], name: str) -> str:
    own = f"{name} reads: {feeds[name].reads}. " if name in feeds else ""
    others = "\n".join(f"  {other}: {feed.reads}" for other, feed in feeds.items())
    return f"{own}All formats:\n{others}"


def _print_tally(summary: dict[str, object], error: str | None) -> None:
    typer.echo("  ".join(f"{key}={value}" for key, value in summary.items()))
    if error:
        console.print(f"  {error}", style="red", markup=False)


def _print_refused(tally: Tally) -> None:
    """Print why the first rows were refused and in which lines; the rest is on /sistem."""
    if tally.fetched == 0:
        console.print("  tidak ada baris data di dalamnya", markup=False, highlight=False)
    for _, refused in tally.refused:
        line = re.match(r"baris \d+", refused.raw)
        place = ": ".join(filter(None, (line[0] if line else "", refused.field, refused.reason)))
        console.print(f"  {place}", markup=False, highlight=False)
    if tally.quarantined > len(tally.refused):
        more = tally.quarantined - len(tally.refused)
        console.print(f"  … {more} lagi: /sistem, karantina", markup=False, highlight=False)


def _quiet() -> bool:
    return not sys.stderr.isatty()


def _end(code: int, message: object) -> NoReturn:
    console.print(str(message), style="red", markup=False)
    sys.exit(code)


def main() -> None:
    """Run the command line and turn errors into a message and an exit code."""
    # A feed that fails is logged when it begins to fail, not at every try.
    stamina.instrumentation.set_on_retry_hooks(())
    try:
        configure(as_json=_settings(None).log_json)
        app()
    except Malformed as error:
        _end(USAGE, f"{error}\n{_what_is_read(discover(), '')}")
    except (Misconfigured, LakeError, StoreError, SettingError) as error:
        _end(CONFIGURATION, error)
    except EtlError as error:
        _end(FEED_FAILED, error)
    except (duckdb.IOException, duckdb.TransactionException) as error:
        _end(CONFIGURATION, f"the lake cannot be read or written: {masked(str(error))}")
    except OSError as error:
        known = error.filename and error.strerror
        _end(CONFIGURATION, f"{error.filename}: {error.strerror}" if known else error)


if __name__ == "__main__":
    main()
