"""Outcomes -> rows: the one way anything is said or scheduled, from chats, the desk and the clock alike."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from bot.channels.base import Capabilities, fit
from handlers.messages import Content, Outcome, Say
from storage.blobs import BlobStore
from storage.outbox import Said
from storage.tables import Message
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

CALENDAR = "text/calendar"


class Writer:
    """Writes outcomes within a unit of work. `capabilities` by channel name; an unknown channel gets the defaults.

    `blobs` takes the files that are made here; without it they are left out, and the words go on.
    """

    def __init__(self, capabilities: Mapping[str, Capabilities], blobs: BlobStore | None = None) -> None:
        self._capabilities = capabilities
        self._blobs = blobs

    async def write(self, outcome: Outcome, uow: UnitOfWork, now: datetime) -> None:
        """Put an outcome's messages and tasks into the unit of work. Commits nothing."""
        await uow.outbox.say([said for say in outcome.replies for said in await self._said(say, uow, now)], now)
        for later in outcome.tasks:
            await uow.tasks.schedule(later.kind, later.run_at, later.dedup, later.payload)

    async def _said(self, say: Say, uow: UnitOfWork, now: datetime) -> list[Said]:
        """A reply in as many messages as its channel needs."""
        conversation = await uow.people.conversation_by_id(say.conversation_id)
        capabilities = self._capabilities.get(conversation.channel, Capabilities())
        case_id = say.about_case
        if case_id is None and say.about_question is not None:
            question = await uow.people.question(say.about_question)
            case_id = question.case_id if question else None
        content = await self._with_made(say.content, uow, now) if say.content.made else say.content
        parts = []
        for number, part in enumerate(fit(content, capabilities)):
            message = _message(say, part, case_id, now)
            if not capabilities.buttons:
                # Typed numbers are read back from the row, so it keeps the choices that the text lists.
                message.choices = [[option.id, option.label] for option in say.content.choices]
            dedup = f"{say.dedup}/{number}" if number else say.dedup
            parts.append(Said(conversation, message, dedup, int(say.priority), capabilities.delivered_by_commit))
        return parts

    async def _with_made(self, content: Content, uow: UnitOfWork, now: datetime) -> Content:
        """The content with its calendar file stored; bytes left over by an undone transaction harm nobody."""
        if self._blobs is None:
            return replace(content, made=b"")
        try:
            blob = await asyncio.to_thread(self._blobs.put, content.made, content.blob_name, now)
        except OSError as error:
            log.error("file.not_kept", error=type(error).__name__)
            return replace(content, made=b"", blob_kind="", blob_name="")
        blob.mime = CALENDAR
        await uow.people.add_blob(blob)
        return replace(content, made=b"", blob=blob.id)


def _message(say: Say, content: Content, case_id: int | None, now: datetime) -> Message:
    return Message(
        conversation_id=say.conversation_id,
        direction="out",
        author="staff" if say.author_staff else "bot",
        staff_id=say.author_staff,
        kind=content.blob_kind or "text",
        text=content.text,
        choices=[[option.id, option.label] for option in content.choices],
        blob_id=content.blob,
        blob_kind=content.blob_kind,
        blob_name=content.blob_name,
        case_id=case_id,
        question_id=say.about_question,
        in_history=say.in_history,
        said_at=now,
    )
