"""Every text people read, once: `<language>/<subject>.j2`, one macro a text, the same macros in each language.

Texts are plain, never HTML: a channel or page puts them into its own form.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

LANGUAGES = ("zh", "en")


class Wording:
    """Renders texts by key: 'start.greeting' is the macro `greeting` in `start.j2` of the language's folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder or Path(__file__).parent),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            auto_reload=False,
        )
        self._module = cache(self._load)

    def _load(self, language: str, subject: str) -> Any:
        return self._environment.get_template(f"{language}/{subject}.j2").module

    def say(self, key: str, language: str, /, **values: object) -> str:
        """The text `key` in `language` ('zh' for a language we do not have). Raises LookupError for an unknown key."""
        subject, _, name = key.partition(".")
        module: ModuleType = self._module(language if language in LANGUAGES else LANGUAGES[0], subject)
        macro = getattr(module, name, None)
        if macro is None:
            raise LookupError(f"no text {key!r} in {language}")
        return str(macro(**values)).strip()
