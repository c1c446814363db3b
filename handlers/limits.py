"""Legal time limits that run for somebody: asked about, kept, shown, planned for, ended.

See handlers/deadlines.py for what people write, handlers/limit_buttons.py for what they press, and
handlers/limit_reminders.py for what the clock does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from faq.deadlines import Deadline, Words, deadline_table
from handlers import planning
from handlers.messages import Content, Later, Option, Outcome, Say
from handlers.rules.clocks import outside_quiet
from handlers.rules.days import Said
from handlers.rules.deadlines import DeadlineError, Due, articles, compute
from handlers.states import Asking, AskingDay, Commenting
from handlers.turn import House, Turn
from storage.tables import Person, Question, RunningDeadline
from storage.unit_of_work import UnitOfWork

REMIND_AT = time(8)
"""When a reminder goes out on its day, local; later where the quiet hours last longer."""
LONGEST_LABEL = 60


def in_words(words: Words, language: str) -> str:
    """A text of the deadline table in a language."""
    return words.en if language == "en" else words.zh


def today(house: House, now: datetime) -> date:
    """The county's day."""
    return house.local(now).date()


def due_of(limit: RunningDeadline, on: date) -> Due | None:
    """The limit worked out as seen from a day; None while its day is not known, or its row is gone."""
    row = deadline_table().get(limit.matter)
    if row is None or limit.trigger is None:
        return None
    demands = [day for text in limit.demands if (day := date.fromisoformat(str(text))) <= on]
    spans = [(date.fromisoformat(since), date.fromisoformat(over) if over else None) for since, over in limit.obstacles]
    longest_from = limit.longest_from if row.longest is not None else None
    try:
        return compute(
            row, limit.trigger, today=on, demands=demands,
            obstacles=[(since, over if over is None or over <= on else None) for since, over in spans if since <= on],
            longest_from=None if longest_from is None else min(longest_from, limit.trigger),
            right_known=limit.right_known if row.untold is not None else None,
        )  # fmt: skip
    except DeadlineError:
        return None


def left_of(due: Due) -> dict[str, object]:
    """What texts say of the time left: counted to the day not moved for days off, and both days where they differ."""
    return {"day": due.date, "counted": due.unrolled, "left": due.days_left, "past": due.past}


def asked_together(matters: Iterable[str]) -> list[tuple[Deadline, ...]]:
    """Rows grouped by the question that gets their day, in order: one answer serves all of a group."""
    groups: dict[str, tuple[Deadline, ...]] = {}
    for matter in matters:
        if (row := deadline_table().get(matter)) is not None:
            groups[row.ask.zh] = (*groups.get(row.ask.zh, ()), row)
    return list(groups.values())


async def ask_with(told: Outcome, matters: Iterable[str], question: Question, turn: Turn, uow: UnitOfWork) -> Outcome:
    """`told` with the question for the day at its end: one question, the first of the matters; the others by a button.

    What runs already for this person is said instead. Nothing is asked while another day is being asked for.
    """
    groups = asked_together(matters)
    if not groups or not isinstance(turn.state, Asking | Commenting):
        return told
    running = {limit.matter: limit for limit in await uow.deadlines.of_person(turn.person.id) if limit.last_day}
    for row in groups[0]:
        if (limit := running.get(row.id)) and (due := due_of(limit, today(turn.house, turn.now))):
            text = turn.words("limit.kept_already", matter=in_words(row.matter, turn.language), day=due.date)
            again = turn.option(f"limit:ask:{row.id}", "limit.other_matter")
            return _at_the_end(told, text, (again,), turn)
    turn.go(AskingDay(matters=tuple(row.id for row in groups[0]), question_id=question.id, case_id=question.case_id))
    text = turn.words("limit.ask", ask=in_words(groups[0][0].ask, turn.language), others=len(groups) > 1)
    others = [_matter_button(group[0], turn) for group in groups[1:4]]
    unknown = turn.option("limit:unknown", "limit.unknown_button")
    none = [turn.option("limit:none", "limit.none_button")] if others else []
    return _at_the_end(told, text, (unknown, *others, *none), turn)


def _matter_button(row: Deadline, turn: Turn) -> Option:
    label = turn.words("limit.matter_button", matter=in_words(row.matter, turn.language))
    return Option(f"limit:ask:{row.id}", label[:LONGEST_LABEL])


def _at_the_end(told: Outcome, text: str, choices: tuple[Option, ...], turn: Turn) -> Outcome:
    """Words and buttons added to the last message to this conversation: one message reads better than two."""
    replies = list(told.replies)
    for number in range(len(replies) - 1, -1, -1):
        say = replies[number]
        if say.conversation_id == turn.conversation.id:
            content = replace(
                say.content, text=f"{say.content.text}\n\n{text}", choices=(*say.content.choices, *choices)
            )
            replies[number] = replace(say, content=content)
            return replace(told, replies=tuple(replies))
    return told + turn.reply(text, *choices)


async def keep(
    said: Said,
    matter: str,
    *,
    person_id: int,
    conversation_id: int,
    question_id: int | None,
    case_id: int | None,
    uow: UnitOfWork,
    now: datetime,
) -> RunningDeadline:
    """The limit of a matter with its day: a new one, or the one that came up in the same place, changed."""
    limit = await uow.deadlines.find(person_id, matter, question_id=question_id, case_id=case_id)
    if limit is None:
        limit = await uow.deadlines.add(
            RunningDeadline(
                person_id=person_id,
                conversation_id=conversation_id,
                case_id=case_id,
                question_id=question_id,
                matter=matter,
                created_at=now,
            )
        )
    if limit.case_id is None:
        limit.case_id = case_id
    set_day(limit, said)
    return limit


def set_day(limit: RunningDeadline, said: Said) -> None:
    """The day a limit runs from. Of a range the earliest counts: the earlier end is shown."""
    limit.trigger, limit.trigger_until = said.first, None if said.exact else said.last
    limit.state, limit.ended_at = "running", None


def plan(limit: RunningDeadline, due: Due, house: House) -> tuple[Later, ...]:
    """The reminders of a limit, and its last day as planned for. Safe to repeat: the dedup keys hold the day."""
    limit.last_day = due.unrolled
    return tuple(
        Later(
            "deadline",
            _morning(day, house),
            f"deadline:{limit.id}:{due.unrolled}:{(due.unrolled - day).days}",
            {"limit_id": limit.id, "last_day": due.unrolled.isoformat(), "before": (due.unrolled - day).days},
        )
        for day in due.reminders
    )


def _morning(day: date, house: House) -> datetime:
    settings = house.settings
    moment = datetime.combine(day, REMIND_AT, tzinfo=settings.zone)
    if not settings.quiet_hours:
        return moment
    later = outside_quiet(moment, settings.zone, settings.quiet_start, settings.quiet_end)
    # Quiet hours that reach into the next day must not move a reminder there: then it goes out before they begin.
    if later.astimezone(settings.zone).date() == day:
        return later
    return datetime.combine(day, settings.quiet_start, tzinfo=settings.zone) - timedelta(minutes=1)


def shown(limit: RunningDeadline, due: Due, language: str, house: House) -> Content:
    """A limit as the villager reads it: the date, what to do, how it was counted, what is doubtful, and the buttons."""
    say = house.wording.say
    text = say(
        "limit.shown",
        language,
        matter=in_words(due.row.matter, language),
        day=due.date,
        act=in_words(due.row.act, language),
        explanation=say("deadline.explanation", language, due=due),
        doubt=say("deadline.doubt", language, due=due),
        article=say("deadline.article", language, laws=articles(due.row)),
        first=limit.trigger,
        last=limit.trigger_until,
        reminds=bool(due.reminders),
    )
    return Content(text, buttons(limit, due.row, language, house))


def buttons(limit: RunningDeadline, row: Deadline, language: str, house: House) -> tuple[Option, ...]:
    """What can be pressed under a limit."""

    def option(choice: str, key: str) -> Option:
        return Option(choice, house.wording.say(key, language))

    special = (option(f"limit:{limit.id}:special", "limit.special_button"),) if is_special(row) else ()
    return (
        option(f"limit:{limit.id}:done", "limit.done_button"),
        option(f"limit:{limit.id}:day", "limit.change_button"),
        option(f"limit:{limit.id}:calendar", "limit.calendar_button"),
        *special,
        option(f"limit:{limit.id}:stop", "limit.stop_button"),
        option("person", "answer.person"),
    )


async def contact(limit: RunningDeadline, person: Person, house: House, uow: UnitOfWork) -> str:
    """How the villager is written to about a limit unasked: '' as usual, 'neutral', 'none'. Violence is never named."""
    row = deadline_table().get(limit.matter)
    case = await uow.cases.get(limit.case_id) if limit.case_id else None
    question = await uow.people.question(limit.question_id) if limit.question_id else None
    entry = house.matcher.entry(question.entry_id, question.language) if question and question.entry_id else None
    delicate = (
        (row is not None and row.delicate)
        or (case is not None and planning.is_delicate_case(case, house))
        or (entry is not None and planning.is_delicate(entry))
    )
    return person.contact or ("neutral" if delicate else "")


def is_special(row: Deadline) -> bool:
    """Whether there is more to tell of a limit than its first day."""
    return bool(row.nature == "interruptible" or row.longest or row.untold or row.obstacle != "none")


def end(limit: RunningDeadline, now: datetime) -> None:
    """The step is done: nothing runs any more. What is planned loses its sense by itself."""
    limit.state, limit.ended_at = "done", now


async def mine(turn: Turn, uow: UnitOfWork) -> Outcome:
    """The limits that run for this person, nearest first, each with a button that shows it; nothing where none runs."""
    rows, choices = [], []
    for limit in (await uow.deadlines.of_person(turn.person.id))[:10]:
        row = deadline_table().get(limit.matter)
        if row is None:
            continue
        due = due_of(limit, today(turn.house, turn.now))
        matter = in_words(row.matter, turn.language)
        rows.append(
            (matter, due.date, due.unrolled, due.days_left, due.past) if due else (matter, None, None, 0, False)
        )
        choices.append(Option(f"limit:{limit.id}:show", matter[:LONGEST_LABEL]))
    if not rows:
        return Outcome()
    if turn.person.reminders_stopped:
        choices.append(turn.option("limit:remind", "limit.resume_button"))
    return turn.reply(turn.words("limit.mine", limits=rows), *choices)


def told(conversation_id: int, content: Content, *, dedup: str, limit: RunningDeadline) -> Outcome:
    """A message about a limit to its villager, tied to the case and question where it came up."""
    say = Say(conversation_id, content, dedup=dedup, about_case=limit.case_id, about_question=limit.question_id)
    return Outcome((say,))
