"""Writing entries back as files in the shipped layout, so that what a county learnt can become a pull request.

An entry that is the shipped one is copied as it stands in its file: a change of one entry is a change of few lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from faq.load import LANGUAGES, NATIONAL, read_entries
from faq.model import Entry, Topic

WIDE = 10_000
"""Characters of a line before it is broken: never, as in the shipped files."""


class _Flow(list[Any]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _Source(dict[str, Any]):
    """A citation, written on one line."""


_Dumper.add_representer(_Flow, lambda dumper, rows: dumper.represent_sequence("tag:yaml.org,2002:seq", rows, True))
_Dumper.add_representer(_Source, lambda dumper, row: dumper.represent_mapping("tag:yaml.org,2002:map", row, True))


def as_yaml(entry: Entry) -> str:
    """One entry as an item of a file's list; fields at their default are left out."""
    values = entry.model_dump(mode="python", exclude_defaults=True, exclude={"language", "jurisdiction"})
    values |= {"topic": entry.topic.value, "risk": entry.risk.value}
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = _Flow(value)
    values["sources"] = [_Source(source.model_dump()) for source in entry.sources]
    return str(yaml.dump([values], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDE))


def _as_shipped(folder: Path) -> dict[Entry, str]:
    """Each shipped entry with its own lines."""
    texts: dict[Entry, str] = {}
    jurisdictions = [path.name for path in folder.iterdir() if path.is_dir() and path.name not in LANGUAGES]
    for jurisdiction in (None, *jurisdictions):
        place = folder / jurisdiction if jurisdiction else folder
        known: dict[tuple[str, str], Entry] = {
            (entry.id, entry.language): entry for entry in _of_one(folder, jurisdiction)
        }
        for path in place.glob("*/*.yaml"):
            text = path.read_text(encoding="utf-8")
            lines = text.splitlines(keepends=True)
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            nodes = root.value if isinstance(root, yaml.SequenceNode) else []
            starts = [node.start_mark.line for node in nodes]
            for node, start, end in zip(nodes, starts, [*starts[1:], len(lines)], strict=True):
                name = next((value.value for key, value in node.value if key.value == "id"), "")
                if (entry := known.get((name, path.parent.name))) is not None:
                    texts[entry] = "".join(lines[start:end])
    return texts


def _of_one(folder: Path, jurisdiction: str | None) -> Iterable[Entry]:
    entries = read_entries(folder, [jurisdiction] if jurisdiction else ()).entries
    return (entry for entry in entries if entry.jurisdiction == (jurisdiction or NATIONAL))


def write_entries(entries: Iterable[Entry], target: Path, shipped: Path) -> dict[Path, int]:
    """Write entries under `target`, a file a topic; files of topics that have no entry any more go. Returns counts.

    `shipped`: the folder whose entries keep their own lines. Raises OSError.
    """
    kept = _as_shipped(shipped) if shipped.is_dir() else {}
    order = {entry: number for number, entry in enumerate(kept)}
    files: dict[Path, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: order.get(entry, len(order))):
        place = target if entry.jurisdiction == NATIONAL else target / entry.jurisdiction
        files.setdefault(place / entry.language / f"{entry.topic.value}.yaml", []).append(entry)
    for language in LANGUAGES:
        for topic in Topic:
            path = target / language / f"{topic.value}.yaml"
            if path not in files:
                path.unlink(missing_ok=True)
    for path, rows in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text("".join(kept.get(entry) or as_yaml(entry) for entry in rows), encoding="utf-8")
        os.replace(part, path)
    return {path: len(rows) for path, rows in sorted(files.items())}
