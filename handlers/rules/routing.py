"""Who gets a case, and why: an order of everybody who may, with the facts that decided, and why others may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

REACHES = ("village", "town", "county", "away")
"""How near somebody is to a case, nearest first. `away`: of other places, asked when nobody nearer may."""

Presence = Literal["now", "on_call", "next", "off"]
Reach = Literal["village", "town", "county", "away"]

_FIRST = datetime.min.replace(tzinfo=UTC)
_WHO_SEES_TO_IT = {"director": 0, "county": 1}
"""Who owns a case when nobody is on any roster: the station's director, then the county desk, then whoever there is."""
_WHO_FINDS_SOMEBODY = {"county": 0, "director": 1}
"""Who owns a case that nobody may open: the county desk, which can ask another county; then a director."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a member of staff about one case.

    `load`: open cases they have. `idle_since`: when they last took one, None for never. `walled`: why the conflict
    wall keeps them out, '' when it does not. `next_start` goes with the presence 'next'.
    """

    staff_id: int
    role: str
    reach: Reach
    presence: Presence
    next_start: datetime | None = None
    topic: bool = False
    language: bool = True
    walled: str = ""
    load: int = 0
    idle_since: datetime | None = None
    refused: bool = False

    def facts(self) -> dict[str, Any]:
        """What decided about them, as kept with the decision."""
        return {
            "presence": self.presence,
            "next": self.next_start.isoformat() if self.next_start else "",
            "reach": self.reach,
            "topic": self.topic,
            "language": self.language,
            "load": self.load,
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """Everybody who may have the case, the first to be asked first; and why the others may not, by staff id.

    `keeper`: where the conflict wall leaves nobody, who must find somebody from elsewhere. They own the case, and may
    not open it either.
    """

    order: tuple[Candidate, ...]
    left_out: dict[int, str]
    keeper: Candidate | None = None

    @property
    def owner(self) -> Candidate | None:
        """Who must see to it that somebody answers."""
        return self.order[0] if self.order else self.keeper

    @property
    def reached(self) -> tuple[Candidate, ...]:
        """Those to be paged now: everybody present of the nearest reach that has somebody present."""
        for reach in REACHES[:3]:
            if present := tuple(row for row in self.order if row.reach == reach and row.presence == "now"):
                return present
        away = tuple(row for row in self.order if row.reach == "away" and row.presence == "now")
        return away[:1]

    @property
    def called(self) -> tuple[Candidate, ...]:
        """Those on call, for what cannot wait when nobody is present."""
        return () if self.reached else tuple(row for row in self.order if row.presence == "on_call")


def ranked(candidates: Iterable[Candidate], *, urgent: bool) -> Ranking:
    """Put candidates in order: present before those who come later, near before far, then specialty, language, the
    fewest cases, the longest without one. On call counts for urgent cases only.

    Who is of another place is asked where nobody nearer may, or where somebody nearer is behind the conflict wall and
    nobody else of those is present.
    """
    left_out: dict[int, str] = {}
    may = []
    rows = list(candidates)
    for row in rows:
        if row.walled:
            left_out[row.staff_id] = row.walled
        elif row.refused:
            left_out[row.staff_id] = "refused"
        else:
            may.append(row)
    near = [row for row in may if row.reach != "away"]
    wall_near = any(row.walled and row.reach != "away" for row in rows)
    if near and not (wall_near and all(row.presence != "now" for row in near)):
        left_out |= {row.staff_id: "away" for row in may if row.reach == "away"}
        may = near
    keeper = min((row for row in rows if row.walled), key=_keeper_key, default=None)
    return Ranking(tuple(sorted(may, key=lambda row: _key(row, urgent))), left_out, None if may else keeper)


def _keeper_key(row: Candidate) -> tuple[Any, ...]:
    return (_WHO_FINDS_SOMEBODY.get(row.role, 2), row.load, row.staff_id)


def _key(row: Candidate, urgent: bool) -> tuple[Any, ...]:
    presence = {"now": 0, "on_call": 1 if urgent else 3, "next": 2, "off": 3}[row.presence]
    return (
        presence,
        row.next_start if presence == 2 and row.next_start else _FIRST,
        REACHES.index(row.reach),
        _WHO_SEES_TO_IT.get(row.role, 2) if presence == 3 else row.reach == "county" and row.role == "county",
        not row.topic,
        not row.language,
        row.load,
        row.idle_since or _FIRST,
        row.staff_id,
    )
