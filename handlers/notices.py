"""Messages to somebody other than the one who is writing: to a member of staff, to the villager of a case."""

from __future__ import annotations

from datetime import datetime

from handlers.messages import Content, Option, Outcome, Priority, Say
from handlers.turn import House
from storage.tables import Case, Message, Staff
from storage.unit_of_work import UnitOfWork


async def to_staff(
    staff: Staff,
    content: Content,
    house: House,
    uow: UnitOfWork,
    now: datetime,
    *,
    dedup: str,
    about_case: int | None = None,
    priority: Priority = Priority.NORMAL,
) -> Outcome:
    """A message to a member of staff, on every channel they are written to; nothing for those who only use the desk."""
    says = []
    for address in await uow.county.addresses(staff.id):
        account = house.accounts.get(address.channel)
        if account is None:
            continue
        conversation = await uow.people.conversation(address.channel, account, address.chat)
        if conversation is None:
            conversation = await uow.people.open_conversation(address.channel, account, address.chat, now)
        says.append(
            Say(
                conversation.id,
                content,
                dedup=f"{dedup}:{address.channel}",
                priority=priority,
                about_case=about_case,
                in_history=False,
            )
        )
    return Outcome(tuple(says))


def to_villager(
    case: Case, content: Content, *, dedup: str, staff: Staff | None = None, about_question: int | None = None
) -> Outcome:
    """A message to the villager of a case, as part of its history; from `staff`, or from the bot."""
    say = Say(
        case.conversation_id,
        content,
        dedup=dedup,
        about_case=case.id,
        about_question=about_question,
        author_staff=staff.id if staff else None,
    )
    return Outcome((say,))


def with_file(message: Message, text: str, choices: tuple[Option, ...] = ()) -> Content:
    """Words together with the file of a kept message, if it has one."""
    if not message.blob_id:
        return Content(text, choices)
    return Content(text, choices, message.blob_id, message.blob_kind, message.blob_name)
