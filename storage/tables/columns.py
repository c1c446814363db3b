"""Columns that recur: moments in UTC, JSON, long texts, references to a row of another table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Date, ForeignKey, MetaData, Text
from sqlmodel import Field, SQLModel

from storage.types import NAMING_CONVENTION, UtcDateTime

metadata = SQLModel.metadata
metadata.naming_convention = MetaData(naming_convention=NAMING_CONVENTION).naming_convention


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def json_column() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def words(default: str = "") -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=False))


def to(table: str, *, nullable: bool = False, index: bool = True) -> Any:
    return Field(default=None, sa_column=Column(ForeignKey(f"{table}.id"), nullable=nullable, index=index))


def day(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Date, nullable=nullable))


def json_list() -> Any:
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))
