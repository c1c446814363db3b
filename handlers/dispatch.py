"""One event in, one outcome out: who writes, in which state, and which handler that means.

The order of the questions is the policy: emergencies before everything, staff apart from villagers, an open case
before the dialogue.
"""

from __future__ import annotations

from datetime import datetime

from handlers import (
    advising,
    asking,
    calls,
    casework,
    commands,
    deadlines,
    duty,
    emergencies,
    follow_up_replies,
    following_up,
    handing,
    housekeeping,
    limit_buttons,
    limits_of_cases,
    onboarding,
    reminding,
    rostering,
    waiting,
    walling,
    wishes,
)
from handlers.messages import (
    Blocked,
    Choice,
    Command,
    Contact,
    Document,
    Edited,
    Event,
    Heard,
    Joined,
    Location,
    Outcome,
    Photo,
    Text,
    Unsupported,
    Voice,
)
from handlers.states import (
    Asking,
    AskingDay,
    ChoosingLanguage,
    ChoosingVillage,
    Commenting,
    Consenting,
    New,
    State,
)
from handlers.turn import Handler, House, Turn
from storage.unit_of_work import UnitOfWork

ALWAYS: dict[type[Event], Handler] = {
    Blocked: housekeeping.blocked,
    Joined: housekeeping.joined,
}
"""What means the same from anybody in any state."""

ROUTES: dict[tuple[type[State], type[Event]], Handler] = {
    (New, Text): onboarding.first_words,
    (New, Photo): onboarding.first_words,
    (New, Voice): onboarding.first_words,
    (New, Document): onboarding.first_words,
    (ChoosingLanguage, Text): onboarding.words_before_language,
    (ChoosingLanguage, Photo): onboarding.words_before_language,
    (ChoosingLanguage, Voice): onboarding.words_before_language,
    (ChoosingLanguage, Document): onboarding.words_before_language,
    (Consenting, Text): onboarding.words_before_consent,
    (Consenting, Photo): onboarding.words_before_consent,
    (Consenting, Voice): onboarding.words_before_consent,
    (Consenting, Document): onboarding.words_before_consent,
    (ChoosingVillage, Text): onboarding.named_village,
    (ChoosingVillage, Photo): onboarding.file_before_village,
    (ChoosingVillage, Voice): onboarding.file_before_village,
    (ChoosingVillage, Document): onboarding.file_before_village,
    (Asking, Text): asking.asked,
    (Asking, Photo): asking.sent_file,
    (Asking, Voice): asking.sent_file,
    (Asking, Document): asking.sent_file,
    (Asking, Location): asking.sent_detail,
    (Asking, Contact): asking.sent_detail,
    (Commenting, Text): following_up.commented,
    (AskingDay, Text): deadlines.told_day,
}
"""A villager without an open case. What is not listed goes by `OTHERWISE`."""

OTHERWISE: dict[type[Event], Handler] = {
    Photo: asking.sent_file,
    Voice: asking.sent_file,
    Document: asking.sent_file,
    Location: asking.sent_detail,
    Contact: asking.sent_detail,
    Edited: asking.edited,
    Unsupported: housekeeping.unsupported,
}

IN_CASE: dict[type[Event], Handler] = {
    Text: walling.villager_wrote,
    Photo: casework.villager_wrote,
    Voice: casework.villager_wrote,
    Document: casework.villager_wrote,
    Location: casework.villager_wrote,
    Contact: casework.villager_wrote,
    Edited: casework.villager_edited,
    Unsupported: housekeeping.unsupported,
}
"""A villager with an open case, in any state."""

FROM_STAFF: dict[type[Event], Handler] = {
    Text: advising.wrote,
    Photo: advising.wrote,
    Voice: advising.wrote,
    Document: advising.wrote,
    Location: advising.wrote,
    Contact: advising.wrote,
    Edited: advising.edited,
    Unsupported: housekeeping.unsupported,
}

CHOICES: dict[str, Handler] = {
    "lang": onboarding.chose_language,
    "consent": onboarding.chose_consent,
    "village": onboarding.chose_village,
    "entry": asking.chose_entry,
    "none": asking.chose_none,
    "solved": following_up.said_solved,
    "person": asking.wants_person,
    "rate": following_up.rated,
    "case": advising.pressed,
    "limit": limit_buttons.pressed,
    "fu": follow_up_replies.pressed,
    "call": calls.pressed,
    "hour": wishes.chose_hour,
    "safe": wishes.chose_safe,
    "wait": waiting.wait_pressed,
    "extend": waiting.decided,
    "side": walling.chose_side,
    "transfer": handing.pressed,
    "swap": duty.pressed,
    "leave": rostering.pressed,
}
"""By the first part of a choice's id, whatever the state: an old button keeps its meaning."""

COMMANDS: dict[str, Handler] = {
    "start": onboarding.started,
    "help": commands.show_help,
    "numbers": commands.show_numbers,
    "my": commands.show_mine,
    "person": asking.wants_person,
    "language": onboarding.choose_language_again,
    "village": onboarding.choose_village_again,
    "stop": wishes.stop_command,
    "hour": wishes.hour_command,
    "safe": wishes.safe_command,
    "whoami": commands.whoami,
    "cases": advising.list_cases,
    "reply": advising.reply_command,
    "close": advising.close_command,
    "deadline": limits_of_cases.set_command,
    "done": limits_of_cases.done_command,
    "perform": reminding.perform_command,
    "remind": reminding.remind_command,
    "calls": calls.list_calls,
    "wait": waiting.wait_command,
    "extend": waiting.extend_command,
    "why": handing.why_command,
    "opponent": walling.opponent_command,
    "party": walling.party_command,
    "transfer": handing.transfer_command,
    "refer": handing.refer_command,
    "back": handing.back_command,
    "duty": rostering.duty_command,
    "leave": rostering.leave_command,
    "swap": duty.swap_command,
    "sick": duty.sick_command,
}


async def handle(heard: Heard, house: House, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
    """Run one event through its handler. `key` is unique to the event. Commits nothing."""
    address = heard.address
    conversation = await uow.people.conversation(address.channel, address.account, address.chat)
    if conversation is None:
        conversation = await uow.people.open_conversation(address.channel, address.account, address.chat, now)
    turn = Turn(
        heard=heard,
        conversation=conversation,
        person=await uow.people.person(conversation.person_id),
        staff=await uow.county.staff_at(address.channel, address.chat),
        message=None,
        house=house,
        now=now,
        key=key,
    )
    await housekeeping.keep(turn, uow)
    if turn.staff is None and turn.message is not None:
        await uow.follow_ups.villager_wrote(turn.person.id, now)
    outcome = Outcome()
    if conversation.blocked_at is not None and not isinstance(heard.event, Blocked | Joined):
        outcome = await housekeeping.joined(turn, uow)
    if not heard.private:
        return outcome + await commands.in_group(turn, uow)
    return outcome + housekeeping.missing_file(turn) + await _route(turn, uow)


async def _route(turn: Turn, uow: UnitOfWork) -> Outcome:
    event = turn.heard.event
    if handler := ALWAYS.get(type(event)):
        return await handler(turn, uow)
    if isinstance(event, Choice):
        return await _choice(event, turn, uow)
    if isinstance(event, Command) and not event.args:
        return await COMMANDS.get(event.name, commands.unknown)(turn, uow)
    if turn.staff is not None:
        handler = COMMANDS.get(event.name, commands.unknown) if isinstance(event, Command) else FROM_STAFF[type(event)]
        return await handler(turn, uow)
    emergency = emergencies.found(turn)
    if emergency is not None and emergency.certain:
        return await emergencies.answer(emergency, turn, uow)
    if (told := await wishes.typed(turn, uow) or await follow_up_replies.clear(turn, uow)) is not None:
        return told
    caution = emergencies.caution(emergency, turn) if emergency is not None else Outcome()
    told = await follow_up_replies.unclear(turn, uow)
    return caution + (told if told is not None else await _villager(event, turn, uow))


async def _villager(event: Event, turn: Turn, uow: UnitOfWork) -> Outcome:
    if isinstance(event, Command):
        return await COMMANDS.get(event.name, commands.unknown)(turn, uow)
    if isinstance(event, Edited) and (told := await deadlines.corrected(turn, uow)) is not None:
        return told
    if await uow.cases.open_of(turn.person.id) is not None:
        named = await onboarding.village_in_case(turn, uow)
        telling = isinstance(turn.state, AskingDay) and isinstance(event, Text)
        return named or await (deadlines.told_day if telling else IN_CASE[type(event)])(turn, uow)
    handler = ROUTES.get((type(turn.state), type(event))) or OTHERWISE.get(type(event)) or asking.asked
    return await handler(turn, uow)


async def _choice(event: Choice, turn: Turn, uow: UnitOfWork) -> Outcome:
    handler = CHOICES.get(event.id.partition(":")[0])
    if handler is None:
        return await commands.stale(turn, uow)
    return await handler(turn, uow)
