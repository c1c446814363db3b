"""The first minutes: language, notice and consent, village. Then whatever was asked meanwhile is answered.

Notice and consent: 个人信息保护法 art. 13, 14, 17; a refusal still gets the phone numbers and a way back.
"""

from __future__ import annotations

from handlers import asking
from handlers.messages import Choice, Command, Option, Outcome, Text
from handlers.rules.villages import VillageIndex, looks_like_name
from handlers.states import Asking, ChoosingLanguage, ChoosingVillage, Consenting, New
from handlers.turn import Turn
from handlers.wording import LANGUAGES, Wording
from storage.tables import Village
from storage.unit_of_work import UnitOfWork

VILLAGES_SHOWN = 5
"""How many villages a typed name is narrowed down to."""


def greeting(wording: Wording) -> tuple[str, tuple[Option, ...]]:
    """The very first words, in every language at once, and a button for each language."""
    text = "\n\n".join(wording.say("start.greeting", language) for language in LANGUAGES)
    return text, tuple(
        Option(f"lang:{language}", wording.say("start.language_name", language)) for language in LANGUAGES
    )


def _greet(turn: Turn) -> Outcome:
    text, choices = greeting(turn.house.wording)
    return turn.reply(text, *choices)


Step = ChoosingLanguage | Consenting | ChoosingVillage


def _go(turn: Turn, step: type[Step], *, with_this: bool = False) -> None:
    """Move to a step of the start; what is to be answered later and the poster go along.

    A file that did not arrive, without words, is nothing to answer.
    """
    pending, message = _pending(turn), turn.message
    if with_this and message is not None and (message.text or message.blob_id):
        pending = (*pending, message.id)
    turn.go(step(pending=pending, poster=_poster(turn)))


def _pending(turn: Turn) -> tuple[int, ...]:
    """Messages to come back to when the start is done."""
    return turn.state.pending if isinstance(turn.state, Step) else ()


def _poster(turn: Turn) -> str:
    """The code of the poster that has not been spoken of yet."""
    return turn.state.poster if isinstance(turn.state, Step) else ""


async def started(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/start`, with or without the code of a village: `/start v_<code>`."""
    if turn.staff is not None:
        turn.go(Asking())
        return turn.reply(turn.words("advise.welcome", name=turn.staff.name))
    event = turn.heard.event
    prefix, _, code = (event.args.strip() if isinstance(event, Command) else "").partition("_")
    if prefix == "v" and code:
        return await _from_poster(code, turn, uow)
    if turn.person.consent_at is None:
        _go(turn, ChoosingLanguage)
        return _greet(turn)
    return await _onward(turn, uow)


async def _from_poster(code: str, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Take the village from a poster. Whoever is new is told of it at the village's turn, others now."""
    village = await uow.county.village_by_code(code)
    known = turn.person.village_id
    if village is not None:
        # At once, and not when it is spoken of: an emergency before that already goes to the right people.
        _settle(turn, village)
    if turn.person.consent_at is None:
        turn.go(ChoosingLanguage(pending=_pending(turn), poster=code))
        return _greet(turn)
    if village is not None and village.id == known:
        return await _onward(turn, uow)
    turn.go(ChoosingVillage(pending=_pending(turn), poster=code))
    return await _onward(turn, uow)


async def first_words(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Somebody writes before anything was said: their words are kept for the end of the start."""
    _go(turn, ChoosingLanguage, with_this=True)
    return _greet(turn)


async def words_before_language(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words instead of a language: kept, and their language taken as the answer."""
    turn.person.language = turn.language
    _go(turn, Consenting, with_this=True)
    return _notice(turn, kept=True)


async def words_before_consent(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words instead of a yes or no: kept, and the notice shown again."""
    _go(turn, Consenting, with_this=True)
    return _notice(turn, kept=True)


async def file_before_village(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A file instead of a village: kept, and the village asked for again."""
    _go(turn, ChoosingVillage, with_this=True)
    return _ask_village(turn)


async def chose_language(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`lang:<language>`, at the start or from an old button."""
    wanted = turn.heard.event.id.partition(":")[2] if isinstance(turn.heard.event, Choice) else ""
    if wanted not in LANGUAGES:
        return turn.reply(turn.words("common.stale"))
    if turn.staff is not None:
        turn.staff.language = wanted
        return turn.reply(turn.words("start.language_changed"))
    turn.person.language = wanted
    if turn.person.consent_at is None:
        _go(turn, Consenting)
        return _notice(turn)
    return turn.reply(turn.words("start.language_changed")) + await _onward(turn, uow, quiet=True)


async def choose_language_again(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/language`."""
    return _greet(turn)


def _notice(turn: Turn, *, kept: bool = False) -> Outcome:
    text = turn.words("start.notice", county=turn.house.settings.county, kept=kept)
    return turn.reply(
        text, turn.option("consent:yes", "start.consent_yes"), turn.option("consent:no", "start.consent_no")
    )


async def chose_consent(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`consent:yes` or `consent:no`."""
    answer = turn.heard.event.id.partition(":")[2] if isinstance(turn.heard.event, Choice) else ""
    if answer == "yes":
        turn.person.consent_at = turn.person.consent_at or turn.now
        turn.person.language = turn.language
        return await _onward(turn, uow)
    if answer != "no":
        return turn.reply(turn.words("common.stale"))
    turn.person.consent_at = None
    turn.go(Consenting(poster=_poster(turn)))
    numbers = [(name, number) for name, number in turn.house.settings.numbers.items()]
    text = turn.words("start.refused", numbers=numbers)
    return turn.reply(text, turn.option("consent:yes", "start.consent_after_all"))


def _ask_village(turn: Turn) -> Outcome:
    return turn.reply(turn.words("start.village"), turn.option("village:skip", "start.village_skip"))


async def named_village(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A typed village name, exact or nearly so. What is no village's name is a question: kept, not lost."""
    typed = turn.heard.event.text if isinstance(turn.heard.event, Text) else ""
    villages = await _villages(uow)
    index = VillageIndex((code, village.name, town) for code, (village, town) in villages.items())
    match = index.find(typed, limit=VILLAGES_SHOWN)
    if match.exact is not None:
        return await _took(villages[match.exact][0], turn, uow)
    if match.candidates:
        choices = [Option(f"village:{code}", _village_label(*villages[code])) for code in match.candidates]
        return turn.reply(
            turn.words("start.village_which"), *choices, turn.option("village:skip", "start.village_skip")
        )
    question = not looks_like_name(typed)
    _go(turn, ChoosingVillage, with_this=question)
    text = turn.words("start.village_unknown", known=bool(villages), question=question)
    return turn.reply(text, turn.option("village:skip", "start.village_skip"))


async def village_in_case(turn: Turn, uow: UnitOfWork) -> Outcome | None:
    """With a case open, words are for the case; only a village's name after `/village` is not. None for the former."""
    event = turn.heard.event
    if not isinstance(turn.state, ChoosingVillage) or not isinstance(event, Text):
        return None
    index = await _villages(uow)
    match = VillageIndex((code, village.name, town) for code, (village, town) in index.items()).find(
        event.text, limit=1
    )
    if match.exact is None and not (match.candidates and looks_like_name(event.text)):
        turn.go(Asking())
        return None
    return await named_village(turn, uow)


async def _villages(uow: UnitOfWork) -> dict[str, tuple[Village, str]]:
    return {village.code: (village, town) for village, town in await uow.county.villages()}


def _village_label(village: Village, town: str) -> str:
    return f"{village.name} ({town})" if town else village.name


async def chose_village(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`village:<code>` or `village:skip`, at the start or from an old button; `village` alone asks for it again."""
    code = turn.heard.event.id.partition(":")[2] if isinstance(turn.heard.event, Choice) else ""
    if turn.staff is not None:
        return turn.reply(turn.words("common.stale"))
    if not code:
        return await choose_village_again(turn, uow)
    if code == "skip":
        turn.person.village_asked = True
        return await _onward(turn, uow)
    village = await uow.county.village_by_code(code)
    if village is None:
        return turn.reply(turn.words("start.village_gone")) + _ask_village(turn)
    return await _took(village, turn, uow)


async def _took(village: Village, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Note a village the person named, say so, and go on. A poster's is not spoken of any more."""
    _settle(turn, village)
    if isinstance(turn.state, Step):
        turn.go(turn.state.model_copy(update={"poster": ""}))
    told = turn.reply(turn.words("start.village_is", village=village.name), _change(turn))
    return told + await _onward(turn, uow)


def _change(turn: Turn) -> Option:
    return turn.option("village", "start.village_change")


async def choose_village_again(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/village`."""
    if turn.person.consent_at is None or turn.staff is not None:
        return await started(turn, uow)
    turn.go(ChoosingVillage())
    return _ask_village(turn)


def _settle(turn: Turn, village: Village) -> None:
    turn.person.village_id, turn.person.village_asked = village.id, True


async def _onward(turn: Turn, uow: UnitOfWork, *, quiet: bool = False) -> Outcome:
    """The next step of the start that is still missing; when none is, what was asked meanwhile.

    `quiet`: with nothing left to do, say nothing more.
    """
    if turn.person.consent_at is None:
        _go(turn, Consenting)
        return _notice(turn)
    noted = ""
    if poster := _poster(turn):
        turn.go(ChoosingVillage(pending=_pending(turn)))
        village = await uow.county.village_by_code(poster)
        if village is None:
            return turn.reply(turn.words("start.poster_unknown")) + _ask_village(turn)
        noted = turn.words("start.poster_is", village=village.name)
    if not turn.person.village_asked:
        _go(turn, ChoosingVillage)
        return _ask_village(turn)
    pending = _pending(turn)
    fresh = isinstance(turn.state, New | Step)
    if fresh:
        turn.go(Asking())
    if pending:
        told = turn.reply(noted, _change(turn)) if noted else Outcome()
        return told + await asking.take_up(pending, turn, uow)
    if quiet and not fresh:
        return Outcome()
    ready = turn.words("start.ready", legal=turn.house.settings.numbers["legal"])
    return turn.reply(f"{noted}\n\n{ready}", _change(turn)) if noted else turn.reply(ready)
