"""People, their conversations, what was said, and what they asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.dialect import insert_new
from storage.tables import Blob, Case, Conversation, DeskPass, Direction, Marker, Message, Person, Question


class People:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        # The session holds what it has read weakly; who is spoken with is asked for again when something is said.
        self._met: list[Conversation] = []

    async def conversation(self, channel: str, account: str, chat: str, *, lock: bool = True) -> Conversation | None:
        """The conversation in this chat; None before its first message. `lock` holds it for this transaction."""
        query = select(Conversation).where(
            Conversation.channel == channel, Conversation.account == account, Conversation.chat == chat
        )
        found = (await self._session.exec(query.with_for_update(key_share=True) if lock else query)).first()
        if found is not None:
            self._met.append(found)
        return found

    async def open_conversation(self, channel: str, account: str, chat: str, now: datetime) -> Conversation:
        """A conversation with a person we have not met; the one there is when another worker opened it meanwhile."""
        person = Person(created_at=now)
        self._session.add(person)
        await self._session.flush()
        row = Conversation(channel=channel, account=account, chat=chat, person_id=person.id, created_at=now)
        values = row.model_dump(exclude={"id"})
        await self._session.exec(insert_new(self._session, Conversation, [values], ["channel", "account", "chat"]))
        opened = await self.conversation(channel, account, chat)
        if opened is None:
            raise LookupError(f"no conversation in chat {chat}")
        if opened.person_id != person.id:
            await self._session.delete(person)
        return opened

    async def conversation_by_id(self, conversation_id: int) -> Conversation:
        """Raises LookupError when there is none."""
        found = await self._session.get(Conversation, conversation_id)
        if found is None:
            raise LookupError(f"no conversation {conversation_id}")
        return found

    async def person(self, person_id: int) -> Person:
        """Raises LookupError when there is none."""
        found = await self._session.get(Person, person_id)
        if found is None:
            raise LookupError(f"no person {person_id}")
        return found

    async def heard(self, message: Message) -> Message:
        """Keep what somebody said."""
        message.direction = Direction.IN
        self._session.add(message)
        await self._session.flush()
        return message

    async def note(self, case: Case, text: str, now: datetime) -> None:
        """Write a line into a case's history that nobody said, and the villager is not shown."""
        self._session.add(
            Message(
                conversation_id=case.conversation_id,
                direction=Direction.IN,
                author="bot",
                kind="note",
                text=text,
                case_id=case.id,
                said_at=now,
            )
        )

    async def message(self, message_id: int) -> Message | None:
        return await self._session.get(Message, message_id)

    async def message_by_remote_id(self, conversation_id: int, remote_id: str) -> Message | None:
        """The newest version of the message that the channel calls `remote_id` in this conversation."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.remote_id == remote_id)
            .order_by(col(Message.id).desc())
        )
        return (await self._session.exec(query)).first()

    async def last_said(self, conversation_id: int) -> Message | None:
        """The last thing we said in this conversation."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.direction == Direction.OUT)
            .order_by(col(Message.id).desc())
        )
        return (await self._session.exec(query)).first()

    async def last_with_choice(self, conversation_id: int, since: int = 0) -> Message | None:
        """The last message of ours that carried choices."""
        query = (
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                Message.direction == Direction.OUT,
                col(Message.id) > since,
            )
            .order_by(col(Message.id).desc())
            .limit(20)
        )
        return next((row for row in (await self._session.exec(query)).all() if row.choices), None)

    async def messages(self, conversation_id: int, after: int = 0, limit: int = 200) -> list[Message]:
        """The last `limit` messages of a conversation with an id above `after`, in order; no notes on its case."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation_id, col(Message.id) > after, Message.kind != "note")
            .order_by(col(Message.id).desc())
            .limit(limit)
        )
        return list(reversed((await self._session.exec(query)).all()))

    async def of_case(self, case_id: int) -> list[Message]:
        """A case's history: each message once, in order."""
        query = (
            select(Message)
            .where(Message.case_id == case_id, col(Message.in_history).is_(True))
            .order_by(col(Message.id))
        )
        return list((await self._session.exec(query)).all())

    async def loose_details(self, conversation_id: int, since: datetime) -> list[Message]:
        """Places and phone numbers that a person has sent since, and that belong to no case yet."""
        query = (
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                col(Message.kind).in_(["location", "contact"]),
                col(Message.case_id).is_(None),
                Message.author == "villager",
                col(Message.said_at) >= since,
            )
            .order_by(col(Message.id))
        )
        return list((await self._session.exec(query)).all())

    async def of_question(self, question_id: int) -> list[Message]:
        """The villager's words and our answer of one question, in order."""
        query = select(Message).where(Message.question_id == question_id).order_by(col(Message.id))
        return list((await self._session.exec(query)).all())

    async def add_question(self, question: Question) -> Question:
        self._session.add(question)
        await self._session.flush()
        return question

    async def question(self, question_id: int) -> Question | None:
        return await self._session.get(Question, question_id)

    async def last_question(self, conversation_id: int) -> Question | None:
        query = select(Question).where(Question.conversation_id == conversation_id).order_by(col(Question.id).desc())
        return (await self._session.exec(query)).first()

    async def questions_of_case(self, case_id: int) -> Sequence[Question]:
        """The questions that led to a case, oldest first."""
        return (
            await self._session.exec(select(Question).where(Question.case_id == case_id).order_by(col(Question.id)))
        ).all()

    async def question_counts(self) -> dict[str, int]:
        """How many questions came to which outcome."""
        rows = await self._session.exec(select(Question.outcome, func.count()).group_by(Question.outcome))
        return dict(rows.all())

    async def has_file(self, conversation_id: int, blob_id: str) -> bool:
        """Whether a file was sent by or to this conversation."""
        query = select(Message.id).where(Message.conversation_id == conversation_id, Message.blob_id == blob_id)
        return (await self._session.exec(query.limit(1))).first() is not None

    async def newest_message_id(self) -> int:
        """The id of the last message kept anywhere; 0 before the first."""
        return (await self._session.exec(select(func.max(Message.id)))).one() or 0

    async def add_blob(self, blob: Blob) -> None:
        """Keep what is known of a stored file; the same bytes stored twice are one blob."""
        if await self._session.get(Blob, blob.id) is None:
            self._session.add(blob)

    async def blob(self, blob_id: str) -> Blob | None:
        return await self._session.get(Blob, blob_id)

    async def marker(self, name: str) -> str | None:
        """A fact about this database, such as 'demo'; None when it is not set."""
        found = await self._session.get(Marker, name)
        return found.value if found else None

    async def set_marker(self, name: str, value: str) -> None:
        await self._session.merge(Marker(name=name, value=value))

    async def add_pass(self, secret_hash: str, kind: str, staff_id: int, expires: datetime) -> None:
        """Let the holder of a secret in: a one-time 'link' or a browser's 'session'."""
        self._session.add(DeskPass(secret_hash=secret_hash, kind=kind, staff_id=staff_id, expires=expires))

    async def session_staff_id(self, secret_hash: str, now: datetime) -> int | None:
        """Whose signed-in browser this is; None when unknown, expired or signed out."""
        found = await self._session.get(DeskPass, secret_hash)
        valid = found is not None and found.kind == "session" and found.expires > now and found.used_at is None
        return found.staff_id if found is not None and valid else None

    async def use_link(self, secret_hash: str, now: datetime) -> int | None:
        """Spend a one-time link. The staff id it lets in; None when unknown, expired or spent."""
        found = await self._session.get(DeskPass, secret_hash, with_for_update=True)
        if found is None or found.kind != "link" or found.expires <= now or found.used_at is not None:
            return None
        found.used_at = now
        return found.staff_id

    async def end_session(self, secret_hash: str, now: datetime) -> None:
        """Sign a browser out."""
        found = await self._session.get(DeskPass, secret_hash)
        if found is not None:
            found.used_at = now
