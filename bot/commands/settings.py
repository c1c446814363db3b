"""`doorstep config`: the settings in force."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import click
from pydantic import BaseModel, SecretStr

from bot.commands.common import Row, as_json, configured, show


@click.group()
def config() -> None:
    """Settings."""


def _span(seconds: float) -> str:
    """A duration in the largest unit that divides it."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and not seconds % size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def _plain(value: Any) -> Any:
    """A value as config.yaml would write it; a secret only as set or not."""
    match value:
        case SecretStr():
            return "(set)" if value.get_secret_value() else ""
        case timedelta():
            return _span(value.total_seconds())
        case time():
            return f"{value:%H:%M}"
        case bool() | int() | float() | str():
            return value
        case tuple():
            return list(value)
        case _:
            return str(value)


def listed(model: BaseModel, prefix: str = "") -> list[Row]:
    """Every key with its value."""
    rows: list[Row] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            rows += listed(value, f"{name}.")
        else:
            rows.append({"key": prefix + name, "value": _plain(value)})
    return rows


@config.command("show")
@as_json
@click.pass_context
def show_(ctx: click.Context, as_json: bool) -> None:
    """Every key as it is in force; secrets are not printed."""
    show(listed(configured(ctx)), as_json=as_json, columns=("key", "value"), empty="")
