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


def _plain(value: Any) -> Any:
    """A value as config.yaml would write it; a secret only as set or not."""
    match value:
        case SecretStr():
            return "(set)" if value.get_secret_value() else ""
        case timedelta():
            seconds = value.total_seconds()
            return next((f"{seconds / size:g}{unit}" for unit, size in (("d", 86400), ("h", 3600), ("m", 60)) if not seconds % size), f"{seconds:g}s")  # noqa: E501
        case time():
            return f"{value:%H:%M}"
        case bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def listed(model: BaseModel, prefix: str = "") -> list[Row]:
    """Every key with its value."""
    rows: list[Row] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        rows += listed(value, f"{name}.") if isinstance(value, BaseModel) else [{"key": prefix + name, "value": _plain(value)}]  # noqa: E501
    return rows


@config.command("show")
@as_json
@click.pass_context
def show_(ctx: click.Context, as_json: bool) -> None:
    """Every key as it is in force; secrets are not printed."""
    show(listed(configured(ctx)), as_json=as_json, columns=("key", "value"), empty="")
