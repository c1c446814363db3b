"""An entry of the knowledge base: what a villager is told, and the law it rests on."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
EntryId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]


class Topic(StrEnum):
    """What villagers ask about."""

    FAMILY = "family"
    SUPPORT = "support"
    NEIGHBOURS = "neighbours"
    LAND = "land"
    HOMESTEAD = "homestead"
    LABOUR = "labour"
    INJURY = "injury"
    LOANS = "loans"
    CONSUMERS = "consumers"
    VILLAGE = "village"
    PUBLIC = "public"
    PROCEDURE = "procedure"


class Risk(StrEnum):
    """What the bot may do with an entry by itself."""

    ANSWER = "answer"
    ANSWER_AND_OFFER_PERSON = "answer_and_offer_person"
    NEVER_AUTOMATIC = "never_automatic"


class Source(BaseModel):
    """An article of law, in the version of this date as the statute's own record gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    law: Line
    article: Annotated[str, Field(pattern=r"^[0-9]+(-[0-9]+)?$")]
    version: date


class Entry(BaseModel):
    """One question with its answer. `checked_on`: compared with the statute's text; `reviewed_by`: a local lawyer's
    role, empty until one has confirmed it; after `review_by` the entry no longer answers. `deadlines` are ids of the
    deadline table; `jurisdiction` is 'national', or the province or county whose own rule this entry tells."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: EntryId
    language: Literal["zh", "en"]
    topic: Topic
    question: Line
    phrasings: Annotated[tuple[Line, ...], Field(min_length=1)]
    answer: Line
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1500)] = ""
    steps: tuple[Line, ...] = ()
    documents: tuple[Line, ...] = ()
    where: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    deadlines: tuple[EntryId, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    checked_on: date
    reviewed_on: date | None = None
    reviewed_by: str = ""
    review_by: date
    risk: Risk = Risk.ANSWER
    related: tuple[EntryId, ...] = ()
    jurisdiction: EntryId = "national"

    @model_validator(mode="after")
    def _dates_agree(self) -> Self:
        if self.review_by <= self.checked_on:
            raise ValueError("review_by must be later than checked_on")
        if bool(self.reviewed_by) != (self.reviewed_on is not None):
            raise ValueError("reviewed_by and reviewed_on go together")
        return self

    @cached_property
    def version(self) -> str:
        """A short hash of the content, so that who got which wording is known."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]
