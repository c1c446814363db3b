"""Where a conversation stands: a closed union, kept in the conversation's row as flow, step and data.

What cannot be read back (an older version's state, a damaged row) becomes `Asking`: the safe place, where any text is
a question.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, TypeAdapter, ValidationError

from storage.tables import Conversation


class _State(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class New(_State):
    """Nothing has been said yet."""

    flow: Literal["start"] = "start"
    step: Literal["new"] = "new"


class _Started(_State):
    """`pending`: messages to come back to when the start is done. `poster`: the code of the poster that brought the
    person here, until they have been told which village it stands for; '' for none.
    """

    flow: Literal["start"] = "start"
    pending: tuple[int, ...] = ()
    poster: str = ""


class ChoosingLanguage(_Started):
    """Asked which language to speak."""

    step: Literal["language"] = "language"


class Consenting(_Started):
    """Shown the notice, asked for consent."""

    step: Literal["consent"] = "consent"


class ChoosingVillage(_Started):
    """Asked for the village."""

    step: Literal["village"] = "village"


class Asking(_State):
    """Ready: any text is a question, or goes to the open case."""

    flow: Literal["ask"] = "ask"
    step: Literal["idle"] = "idle"


class Commenting(_State):
    """A rating was given; a word about it may follow. One of the two ids is set."""

    flow: Literal["follow_up"] = "follow_up"
    step: Literal["comment"] = "comment"
    question_id: int | None = None
    case_id: int | None = None


class AskingDay(_State):
    """Asked for the day from which legal time limits run: those of `matters`, which run from one and the same day.

    `question_id` and `case_id` say where they came up; `limit_id` is the limit that is asked `about`: its first day,
    the day of a demand that starts it anew, the first day of its longest limit, or the day on which the right became
    known. `unread` is the message in which no day could be read; the next such goes to a person.
    """

    flow: Literal["limit"] = "limit"
    step: Literal["day"] = "day"
    matters: tuple[str, ...] = ()
    question_id: int | None = None
    case_id: int | None = None
    limit_id: int | None = None
    about: Literal["first", "demand", "longest", "right"] = "first"
    unread: int | None = None


class NamingCase(_State):
    """An adviser wrote without naming a case: the messages wait until they say which one, if any."""

    flow: Literal["advise"] = "advise"
    step: Literal["which_case"] = "which_case"
    messages: tuple[int, ...] = ()


class NamingSides(_State):
    """A villager said what the other side of their case is, and may now say its name."""

    flow: Literal["case"] = "case"
    step: Literal["sides"] = "sides"
    case_id: int | None = None


Starting = New | ChoosingLanguage | Consenting | ChoosingVillage
State = Starting | Asking | Commenting | AskingDay | NamingCase | NamingSides


def _tag(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value.get('flow')}/{value.get('step')}"
    return f"{value.flow}/{value.step}"


_READER: TypeAdapter[State] = TypeAdapter(
    Annotated[
        Annotated[New, Tag("start/new")]
        | Annotated[ChoosingLanguage, Tag("start/language")]
        | Annotated[Consenting, Tag("start/consent")]
        | Annotated[ChoosingVillage, Tag("start/village")]
        | Annotated[Asking, Tag("ask/idle")]
        | Annotated[Commenting, Tag("follow_up/comment")]
        | Annotated[AskingDay, Tag("limit/day")]
        | Annotated[NamingCase, Tag("advise/which_case")]
        | Annotated[NamingSides, Tag("case/sides")],
        Discriminator(_tag),
    ]
)


def parse_state(flow: str, step: str, data: Any) -> State:
    """The state in a conversation's row; `New` for a fresh row, `Asking` for what cannot be read."""
    if not flow:
        return New()
    if not isinstance(data, dict):
        return Asking()
    try:
        return _READER.validate_python({**data, "flow": flow, "step": step})
    except ValidationError:
        return Asking()


def put_state(conversation: Conversation, state: State) -> None:
    """Write a state into a conversation's row."""
    conversation.flow, conversation.step = state.flow, state.step
    conversation.data = state.model_dump(mode="json", exclude={"flow", "step"})
    conversation.version += 1
