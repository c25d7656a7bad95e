"""The programs of a wall PC, with the tools of such a PC played by scripts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

WALL = Path(__file__).parents[2] / "deploy" / "wall"


@pytest.fixture
def pc(tmp_path: Path) -> Path:
    """A home with settings and a folder of tools that write down what they were asked."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("chromium", "xset", "systemctl"):
        tool(tmp_path, name, f'echo "$@" >>"{tmp_path}/{name}.log"')
    tool(tmp_path, "curl", 'echo "{\\"heard\\":true}"')
    settings(tmp_path, "SERVER=http://127.0.0.1:8050/\nNAME=lobi\nDISTANCE_M=4\nPITCH_MM=0.43\n")
    return tmp_path


def tool(pc: Path, name: str, body: str) -> None:
    path = pc / "tools" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def settings(pc: Path, text: str) -> None:
    folder = pc / ".config" / "komando-wall"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings").write_text(text)


def run(pc: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "HOME": str(pc),
        "PATH": f"{pc / 'tools'}:{os.defpath}",
        "DISPLAY": ":0",
        "XDG_RUNTIME_DIR": str(pc),
    }
    return subprocess.run(
        [str(WALL / program), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def asked(pc: Path, name: str) -> list[str]:
    path = pc / f"{name}.log"
    return path.read_text().splitlines() if path.exists() else []


def test_the_address_comes_from_the_settings(pc: Path) -> None:
    told = run(pc, "komando-wall", "--address")
    assert told.stdout.strip() == "http://127.0.0.1:8050/dinding?nama=lobi&jarak=4&mm_px=0.43"
    settings(pc, "SERVER=http://a:1\nSEAMS=1920x1080\nEXTRA=tema=gelap\n")
    told = run(pc, "komando-wall", "--address")
    assert told.stdout.strip().endswith("&mm_px=0.63&sambungan=1920x1080&tema=gelap")


def test_the_example_of_the_settings_is_good_as_it_is(pc: Path) -> None:
    settings(pc, (WALL / "settings.example").read_text())
    told = run(pc, "komando-wall", "--address")
    assert told.returncode == 0
    assert told.stdout.startswith("http://127.0.0.1:8050/dinding?nama=utama&jarak=5&mm_px=0.63")


def test_without_settings_it_says_what_is_missing(pc: Path) -> None:
    (pc / ".config" / "komando-wall" / "settings").unlink()
    told = run(pc, "komando-wall")
    assert told.returncode == 3
    assert "settings.example" in told.stderr


def test_the_browser_is_a_kiosk_that_asks_nothing_after_a_power_cut(pc: Path) -> None:
    preferences = pc / ".local/state/komando-wall/profile/Default/Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text('{"profile":{"exit_type":"Crashed","exited_cleanly":false}}')
    assert run(pc, "komando-wall").returncode == 0
    (command,) = asked(pc, "chromium")
    assert command.startswith("--kiosk ")
    assert command.endswith("/dinding?nama=lobi&jarak=4&mm_px=0.43")
    assert '"exit_type":"Normal","exited_cleanly":true' in preferences.read_text()


@pytest.mark.parametrize(
    ("clock", "hours", "switched"),
    [
        ("08:09", ("05:00", "23:30"), "on"),
        ("23:30", ("05:00", "23:30"), "off"),
        ("00:10", ("18:00", "02:00"), "on"),
        ("09:08", ("18:00", "02:00"), "off"),
    ],
)
def test_the_screen_keeps_its_hours(
    pc: Path, clock: str, hours: tuple[str, str], switched: str
) -> None:
    tool(pc, "date", f"echo {clock}")
    settings(pc, f"SERVER=http://a:1\nSCREEN_ON={hours[0]}\nSCREEN_OFF={hours[1]}\n")
    assert run(pc, "komando-wall-screen").returncode == 0
    once = asked(pc, "xset")
    assert any(f"force {switched}" in line for line in once)
    run(pc, "komando-wall-screen")
    assert asked(pc, "xset") == once


def test_a_screen_without_hours_is_left_alone(pc: Path) -> None:
    assert run(pc, "komando-wall-screen").returncode == 0
    assert asked(pc, "xset") == []


def test_a_wall_that_fell_silent_is_restarted_after_three_looks(pc: Path) -> None:
    tool(pc, "curl", 'echo "{\\"heard\\":false}"')
    for _ in range(2):
        run(pc, "komando-wall-watch")
    assert asked(pc, "systemctl") == []
    run(pc, "komando-wall-watch")
    assert asked(pc, "systemctl") == ["--user restart komando-wall.service"]


def test_while_the_server_is_away_a_wall_keeps_its_picture(pc: Path) -> None:
    tool(pc, "curl", "exit 7")
    for _ in range(5):
        assert run(pc, "komando-wall-watch").returncode == 0
    assert asked(pc, "systemctl") == []
