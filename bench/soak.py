"""Let the wall stand for a while in a fast city and see whether it swells: `make soak`.

The demo runs in a folder of its own at sixty times the speed; the wall stands in headless Chromium.
After the first five minutes the JavaScript heap and the nodes, both after a forced collection, are
noted every twenty seconds. It fails where the heap grows by 5 MB, the nodes leave ± 2 %, or the
page complained of anything. Nodes are all that the browser holds, those that hang nowhere included,
less those in the panels: these come and go with the city's day.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from playwright.sync_api import CDPSession, Page
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench import programs
from data.asof import WIB

MINUTES = 20.0
WARM_MINUTES = 5.0
EVERY_SECONDS = 20.0
SPEED = 60.0
YEARS = 0.1
SCENARIO = "tenang"
MOST_HEAP_MB = 5.0
MOST_NODES = 0.02
# Just after the wall loads itself anew, and a day of the city before it does so again.
BEGINS = (4, 31)
MB = 2**20
COUNT = """() => Array.from(document.querySelectorAll(".panel-html")).reduce((sum, panel) => {
    const walker = document.createTreeWalker(panel);
    let count = 0;
    while (walker.nextNode()) count += 1;
    return sum + count;
}, 0)"""


@dataclass(frozen=True)
class Sample:
    """The page at one moment, after a forced collection of garbage.

    Args:
        nodes: All that the browser holds but those that stand in a panel.
        shown: Those in the panels.
    """

    minute: float
    heap_mb: float
    nodes: int
    shown: int
    listeners: int
    drawn: int


@dataclass
class Soak:
    """What a soak saw."""

    samples: list[Sample] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    loads: int = 0

    def faults(self) -> list[str]:
        """Return what was not as it should be, for a person."""
        found = [
            f"the page complained {count} times: {text}"
            for text, count in Counter(self.complaints).most_common()
        ]
        if self.loads > 1:
            found.append(f"the page was loaded {self.loads} times")
        if len(self.samples) < 2:
            return [*found, "too short to tell anything"]
        heap, nodes = growth([one.heap_mb for one in self.samples]), self.nodes_off()
        if heap >= MOST_HEAP_MB:
            found.append(f"the heap grew by {heap:.1f} MB (less than {MOST_HEAP_MB:g} allowed)")
        if abs(nodes) > MOST_NODES:
            found.append(f"the nodes moved by {nodes:+.1%} (± {MOST_NODES:.0%} allowed)")
        if self.samples[-1].drawn == self.samples[0].drawn:
            found.append("no panel was drawn: the wall stood still")
        return found

    def nodes_off(self) -> float:
        """Return by which share the document grew from the first samples to the last."""
        nodes = [float(one.nodes) for one in self.samples]
        return growth(nodes) / nodes[0]


def growth(values: Sequence[float]) -> float:
    """Return by how much the last third of values lies above the first, by their medians."""
    third = max(1, len(values) // 3)
    return median(values[-third:]) - median(values[:third])


def anchor_for(real: datetime, speed: float) -> datetime:
    """Return the anchor of a clock by which it is now 04.31 WIB of today.

    Args:
        real: Now, aware.
        speed: City seconds a real second, more than one.
    """
    hour, minute = BEGINS
    begins = real.astimezone(WIB).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return real + (real - begins) / (speed - 1)


def soak(page: Page, url: str, minutes: float, warm: float, progress: Progress) -> Soak:
    """Open the wall and watch it for real minutes, of which the first `warm` do not count."""
    seen = Soak()

    def loaded(_page: Page) -> None:
        seen.loads += 1

    page.on("load", loaded)
    page.on("pageerror", lambda error: seen.complaints.append(f"thrown: {error}"))
    page.on(
        "console",
        lambda said: (
            seen.complaints.append(f"{said.text} {said.location['url']}")
            if said.type == "error"
            else None
        ),
    )
    page.add_init_script(
        "window.__drawn = 0;"
        "document.addEventListener('komando:gambar', () => { window.__drawn += 1; });"
    )
    page.goto(url)
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")
    bar = progress.add_task("soaking", total=minutes * 60, told="warming up")
    began = time.monotonic()
    while (passed := time.monotonic() - began) < minutes * 60:
        page.wait_for_timeout(min(EVERY_SECONDS, minutes * 60 - passed) * 1000)
        passed = time.monotonic() - began
        sample = look(page, tools, passed / 60)
        if passed >= warm * 60:
            seen.samples.append(sample)
        told = f"heap {sample.heap_mb:.1f} MB · {sample.nodes} nodes · {sample.drawn} draws"
        progress.update(bar, completed=passed, told=told)
    return seen


def look(page: Page, tools: CDPSession, minute: float) -> Sample:
    """Collect the garbage and measure what is left."""
    tools.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    shown = page.evaluate(COUNT)
    return Sample(
        minute,
        metrics["JSHeapUsedSize"] / MB,
        int(metrics["Nodes"]) - shown,
        shown,
        int(metrics["JSEventListeners"]),
        page.evaluate("window.__drawn"),
    )


def report(seen: Soak, console: Console) -> None:
    """Print the samples, at most a dozen, and the verdict."""
    table = Table(
        "minute", "heap MB", "nodes", "in panels", "listeners", "panels drawn", title="The wall"
    )
    step = max(1, len(seen.samples) // 12)
    for one in seen.samples[::step]:
        table.add_row(
            f"{one.minute:.1f}", f"{one.heap_mb:.2f}", str(one.nodes), str(one.shown),
            str(one.listeners), str(one.drawn),
        )  # fmt: skip
    console.print(table)
    if len(seen.samples) > 1:
        heap = growth([one.heap_mb for one in seen.samples])
        console.print(f"heap {heap:+.2f} MB, nodes {seen.nodes_off():+.2%}, loads {seen.loads}")
    for fault in seen.faults():
        console.print(f"[red]FAILED[/red] {fault}")


def main() -> int:
    """Read the options, run, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--speed", type=float, default=SPEED)
    parser.add_argument("--size", default="1920x1080", help="of the screen, pixels")
    options = parser.parse_args()
    if options.minutes <= 0 or options.speed <= 1:
        parser.error("minutes must be more than zero, and speed more than one")
    width, height = (int(part) for part in options.size.split("x"))
    warm = min(WARM_MINUTES, options.minutes / 4)
    console = Console()
    anchor = anchor_for(datetime.now(UTC), options.speed)
    lasts = timedelta(days=1) / options.speed
    if timedelta(minutes=options.minutes + 2) > lasts:
        console.print("longer than a city's day: the planned reload of 04.30 WIB will come")
    with tempfile.TemporaryDirectory(prefix="komando-soak-") as folder:
        console.print("starting a city of its own")
        with (
            programs.demo(
                Path(folder), speed=options.speed, anchor=anchor, scenario=SCENARIO, years=YEARS
            ) as address,
            programs.chromium() as browser,
            Progress(
                TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
                TextColumn("{task.fields[told]}"), console=console,
            ) as progress,
        ):  # fmt: skip
            page = browser.new_page(viewport={"width": width, "height": height}, locale="id-ID")
            seen = soak(page, f"{address}/dinding?nama=soak", options.minutes, warm, progress)
    report(seen, console)
    return 1 if seen.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
