"""The reference pages name every key, command, verb and choice; config.yaml says the defaults."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from bot.cli import VERBS, doorstep
from bot.commands.settings import listed
from bot.config import Config
from handlers.dispatch import CHOICES, COMMANDS

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def test_config_yaml_holds_every_key_with_its_default() -> None:
    values = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    flat = {
        f"{section}.{key}" if key else section: value
        for section, rows in values.items()
        for key, value in (rows.items() if isinstance(rows, dict) else [("", rows)])
    }
    defaults = {row["key"]: row["value"] for row in listed(Config())}
    assert {key: str(value) for key, value in flat.items()} == {key: str(value) for key, value in defaults.items()}


def test_every_key_has_a_word_in_config_yaml_and_the_reference() -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if re.match(r"\s*\w+: \S", line) and "numbers" not in line]
    numbers = lines.index(next(line for line in lines if line.startswith("numbers:")))
    bare = [line for line in keys if "#" not in line and lines.index(line) < numbers]
    assert not bare
    page = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    missing = [row["key"] for row in listed(Config()) if f"`{row['key']}`" not in page]
    assert not missing


def verbs_of(name: str, command: click.Command | None) -> list[str]:
    """What can be called of a command, with all its words."""
    if not isinstance(command, click.Group):
        return [name]
    return [verb for inner in command.commands.values() for verb in verbs_of(f"{name} {inner.name}", inner)]


def test_every_verb_command_and_choice_is_documented() -> None:
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    context = click.Context(doorstep)
    verbs = [verb for name in VERBS for verb in verbs_of(name, doorstep.get_command(context, name))]
    missing = [f"doorstep {verb}" for verb in verbs if f"`doorstep {verb}" not in page]
    missing += [f"/{name}" for name in COMMANDS if f"`/{name}" not in page]
    missing += [choice for choice in CHOICES if f"`{choice}" not in page]
    assert not missing


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert not dead
