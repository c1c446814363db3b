"""A case on the villager's side: opened, added to, handed to whoever is on duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import clocks, routing
from handlers.messages import Content, Option, Outcome, Priority
from handlers.notices import to_staff, to_villager, with_file
from handlers.rules.conflict import SIDES
from handlers.rules.hours import office_hours
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, Message, Question, Staff
from storage.unit_of_work import UnitOfWork

DETAILS_KEEP = timedelta(days=1)
"""How long a place or phone number without a matter waits for the case it belongs to."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case on the books: who answers, or when somebody comes, and the roster as it was seen then."""

    case: Case
    adviser: str
    coming: datetime | None
    seen: routing.Board

    def words(self, house: House, now: datetime) -> str:
        """What the villager is told of it."""
        return house.wording.say(
            "case.opened",
            self.case.language,
            number=self.case.id,
            adviser=self.adviser,
            by=house.local(self.case.answer_due),
            today=house.local(now).date(),
            next_duty=house.local(self.coming) if self.coming and not self.adviser else None,
            planned=bool(self.adviser or self.coming),
            legal=house.settings.numbers["legal"],
            urgent=self.case.urgent,
        )


async def enter(case: Case, house: House, uow: UnitOfWork, now: datetime) -> Opened:
    """Put a case on the books: an owner, a promise, its clocks. Nobody is told or paged yet."""
    case = await uow.cases.open(case)
    seen = await routing.board(house, uow, now, ahead=routing.AHEAD)
    ranking = await routing.rank(case, seen, uow)
    await routing.assign(case, ranking, uow, now)
    present = ranking.reached or (ranking.called if case.urgent else ())
    coming = min((row.next_start for row in ranking.order if row.next_start is not None), default=None)
    case.answer_due = await clocks.promised(case.village_id, case.urgent, house, uow, now)
    await clocks.opened(case, house, uow, now)
    return Opened(case, seen.staff[present[0].staff_id].name if present else "", coming, seen)


async def open_case(
    turn: Turn,
    uow: UnitOfWork,
    *,
    reason: str,
    kind: str = "",
    urgent: bool = False,
    question: Question | None = None,
    messages: tuple[Message, ...] = (),
) -> Outcome:
    """Open a case, tell the villager who answers and by when, and page whoever is on duty.

    `messages` are kept words that belong to it, beside the message of this turn and of the question.
    """
    opened = await enter(
        Case(
            person_id=turn.person.id,
            conversation_id=turn.conversation.id,
            village_id=turn.person.village_id,
            language=turn.language,
            reason=reason,
            kind=kind,
            urgent=urgent,
            opened_at=turn.now,
            answer_due=turn.now,
            topic=topic_of(question, kind, turn.language, turn.house),
        ),
        turn.house,
        uow,
        turn.now,
    )
    messages = (*messages, turn.message) if turn.message is not None else messages
    await gather(opened.case, uow, turn.now, question, messages)
    told = _told_opened(opened.case, opened.words(turn.house, turn.now), turn)
    return told + await page(opened.case, turn.house, uow, turn.now, seen=opened.seen)


def topic_of(question: Question | None, kind: str, language: str, house: House) -> str:
    """The topic of the entry that was offered, or that sent the matter to a person; '' where none is known."""
    offered = [kind]
    if question is not None:
        offered += [question.entry_id, *(str(row[0]) for row in question.candidates[:1])]
    entries = [house.matcher.entry(entry_id, language) for entry_id in offered if entry_id]
    return next((entry.topic.value for entry in entries if entry is not None), "")


def _told_opened(case: Case, text: str, turn: Turn) -> Outcome:
    """The case is open; where it is no emergency, a line under it asks who the other side is. Nobody need answer."""
    if case.urgent:
        return turn.reply(text, about_case=case.id)
    sides = [turn.option(f"side:{case.id}:{side}", f"wall.side_{side}") for side in (*SIDES, "unsaid")]
    return turn.reply(f"{text}\n\n{turn.words('wall.ask')}", *sides, about_case=case.id)


async def gather(
    case: Case, uow: UnitOfWork, now: datetime, question: Question | None, messages: tuple[Message, ...] = ()
) -> None:
    """Tie to the case what led to it."""
    messages = (*messages, *await uow.people.loose_details(case.conversation_id, now - DETAILS_KEEP))
    if question is not None:
        question.case_id = case.id
        await uow.deadlines.into_case(question.id, case.id)
        messages = (*messages, *await uow.people.of_question(question.id))
    for message in messages:
        if message.in_history:
            message.case_id = case.id


async def page(
    case: Case,
    house: House,
    uow: UnitOfWork,
    now: datetime,
    *,
    occasion: str = "",
    but: int | None = None,
    seen: routing.Board | None = None,
) -> Outcome:
    """Notify everybody on duty for the case, its owner first, each once for one `occasion`; not the staff id `but`.

    A case that is claimed pages nobody. Safe to repeat: the dedup keys make the second time do nothing. `seen`: the
    roster, where it has been read already.
    """
    if case.status != CaseStatus.WAITING:
        return Outcome()
    seen = seen or await routing.board(house, uow, now)
    ranking = await routing.rank(case, seen, uow)
    if case.owner_id not in {row.staff_id for row in ranking.order or [ranking.keeper] if row is not None}:
        await routing.reroute(case, house, uow, now, refused=() if but is None else (but,))
    if ranking.keeper is not None:
        return await _nobody_may(case, house, uow, now)
    reached = ranking.reached or (ranking.called if case.urgent else ())
    outcome = Outcome()
    for candidate in sorted(reached, key=lambda row: row.staff_id != case.owner_id):
        staff = seen.staff[candidate.staff_id]
        dedup = f"page:{case.id}:{case.reopened}:{staff.id}" + (f":{occasion}" if occasion else "")
        if staff.id == but or await uow.outbox.has_said(dedup):
            continue
        await routing.offer(case, candidate, uow, now, occasion)
        content = Content(
            await summary(case, staff, house, uow),
            (
                Option(
                    f"case:{case.id}:claim", house.wording.say("advise.claim_button", staff.language, number=case.id)
                ),
            ),
        )
        outcome += await to_staff(
            staff,
            content,
            house,
            uow,
            now,
            dedup=dedup,
            about_case=case.id,
            priority=Priority.EMERGENCY if case.urgent else Priority.NORMAL,
        )
    return outcome


async def _nobody_may(case: Case, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """The conflict wall keeps everybody out: the owner is told to find somebody from elsewhere, the villager who sees
    to that, from when, and whom they can call. Once for each owner.
    """
    keeper = await uow.county.staff(case.owner_id)
    dedup = f"nobody_may:{case.id}:{case.reopened}:{case.owner_id}"
    if keeper is None or await uow.outbox.has_said(dedup):
        return Outcome()
    settings, service = house.settings, house.settings.service
    hours = office_hours(now, now + routing.AHEAD, settings.zone, service.opens, service.closes, settings.days)
    opens = next((span.starts for span in hours if span.ends > now), now)
    village = await uow.county.village(case.village_id)
    to_keeper = house.wording.say(
        "wall.find_somebody", keeper.language, number=case.id, village=village.name if village else "",
        urgent=case.urgent,
    )  # fmt: skip
    to_person = house.wording.say(
        "wall.nobody_may", case.language, number=case.id, keeper=keeper.name, legal=settings.numbers["legal"],
        opens=house.local(opens) if opens > now else None,
    )  # fmt: skip
    priority = Priority.EMERGENCY if case.urgent else Priority.NORMAL
    return to_villager(case, Content(to_person), dedup=f"{dedup}:villager") + await to_staff(
        keeper, Content(to_keeper), house, uow, now, dedup=f"{dedup}:keeper", priority=priority
    )


async def make_urgent(case: Case, house: House, uow: UnitOfWork, now: datetime, *, occasion: str) -> Outcome:
    """A case cannot wait from now on: what is owed is due as for an urgent one, and while nobody has it, all who can
    come are paged, once for an `occasion`. A closed case is only marked; its clocks start when it opens again.
    """
    case.urgent = True
    if case.status == CaseStatus.CLOSED:
        return Outcome()
    await clocks.made_urgent(case, house, uow, now)
    return await page(case, house, uow, now, occasion=occasion)


async def page_waiting(house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Page for every waiting case whoever has come on duty since. Run at each tick."""
    outcome = Outcome()
    seen = await routing.board(house, uow, now)
    for case in await uow.cases.waiting():
        outcome += await page(case, house, uow, now, seen=seen)
    return outcome


async def offered(number: int, language: str, house: House, uow: UnitOfWork) -> list[str]:
    """The questions of the entries that the knowledge base answered or suggested before a case was opened."""
    found = []
    for question in await uow.people.questions_of_case(number):
        for entry_id in [question.entry_id] if question.entry_id else [row[0] for row in question.candidates[:3]]:
            entry = house.matcher.entry(entry_id, language)
            found.append(entry.question if entry else entry_id)
    return list(dict.fromkeys(found))


async def summary(case: Case, staff: Staff, house: House, uow: UnitOfWork) -> str:
    """What an adviser sees of a case: village, reason, question, what was offered, and all that was said."""
    village = await uow.county.village(case.village_id)
    return house.wording.say(
        "advise.summary",
        staff.language,
        number=case.id,
        village=village.name if village else "",
        reason=case.reason,
        kind=case.kind,
        urgent=case.urgent,
        reopened=case.reopened,
        due=house.local(case.answer_due),
        offered=await offered(case.id, staff.language, house, uow),
        history=[
            (message.author, message.kind, message.text, house.local(message.said_at))
            for message in await uow.people.of_case(case.id)
            if message.author != "bot"
        ],
    )


async def villager_wrote(turn: Turn, uow: UnitOfWork) -> Outcome:
    """More from a villager whose case is open: kept, passed on; the bot only speaks while nobody is on it."""
    case = await uow.cases.open_of(turn.person.id)
    if case is None:
        return Outcome()
    outcome = await add_to_case(case, turn, uow)
    if case.status == CaseStatus.WAITING:
        outcome += turn.reply(turn.words("case.added", number=case.id), about_case=case.id)
    return outcome


async def villager_edited(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A villager changed an earlier message: both versions are kept, the adviser sees both."""
    case = await uow.cases.open_of(turn.person.id)
    return Outcome() if case is None else await add_to_case(case, turn, uow)


async def add_to_case(case: Case, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Tie this turn's message to the case, and pass it to the adviser who has it."""
    message = turn.message
    if message is None:
        return Outcome()
    message.case_id = case.id
    await clocks.resume(case, turn.house, uow, turn.now, why="wrote")
    if case.adviser_id is None or case.status != CaseStatus.CLAIMED:
        return Outcome()
    adviser = await uow.county.staff(case.adviser_id)
    if adviser is None:
        return Outcome()
    before = await uow.people.message(message.edit_of) if message.edit_of else None
    content = relayed(message, case, adviser, turn.house, before)
    return await to_staff(
        adviser,
        content,
        turn.house,
        uow,
        turn.now,
        dedup=f"{turn.key}:relay",
        about_case=case.id,
        priority=Priority.EMERGENCY if case.urgent else Priority.NORMAL,
    )


def relayed(message: Message, case: Case, adviser: Staff, house: House, before: Message | None = None) -> Content:
    """A villager's message as the adviser gets it: their words and files, never their name or id."""
    text = house.wording.say(
        "advise.relayed",
        adviser.language,
        number=case.id,
        urgent=case.urgent,
        kind=message.kind,
        text=message.text,
        before=before.text if before else "",
        file_missing=bool(message.blob_kind and not message.blob_id),
    )
    return with_file(message, text)
