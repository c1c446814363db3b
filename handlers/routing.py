"""Who a case goes to: the rules of `handlers/rules/routing.py` applied to the roster, and the decision recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from handlers.rules.conflict import Matter, Member, Reason, Tie
from handlers.rules.conflict import walled as stands_too_near
from handlers.rules.duty import Duty
from handlers.rules.roster import Away, Pattern, covers, expand
from handlers.rules.routing import Candidate, Presence, Ranking, Reach, ranked
from handlers.turn import House
from storage.tables import Case, CaseStatus, Shift, ShiftPattern, Staff
from storage.unit_of_work import UnitOfWork

AHEAD = timedelta(days=14)
"""How far ahead a next opening is looked for: longer than any public holiday."""
LOOK_ANYWAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Board:
    """The roster as seen at one moment: active staff, what they serve, and their duties until some time ahead."""

    now: datetime
    staff: Mapping[int, Staff]
    served: Mapping[int, frozenset[int]]
    towns: Mapping[int, int]
    duties: Mapping[int, list[Duty]]
    ties: Mapping[int, tuple[Tie, ...]]
    serve_all: bool
    """Whether anybody active serves every village."""
    load: Mapping[int, int] = field(default_factory=dict)
    last_claims: Mapping[int, datetime] = field(default_factory=dict)

    def all_duties(self) -> list[Duty]:
        return sorted((row for rows in self.duties.values() for row in rows), key=lambda row: row.starts)


def pattern_of(row: ShiftPattern) -> Pattern:
    """A kept pattern as a rule's value."""
    return Pattern(
        staff_id=row.staff_id,
        weekdays=frozenset(int(day) for day in row.weekdays),
        begins=time.fromisoformat(row.begins),
        ends=time.fromisoformat(row.ends),
        first_day=row.first_day,
        last_day=row.last_day,
        working_days=row.working_days,
        village_id=row.village_id,
        town_id=row.town_id,
        topic=row.topic,
        on_call=row.on_call,
    )


def duty_of(row: Shift) -> Duty:
    """A kept shift as a rule's value."""
    return Duty(row.staff_id, row.starts, row.ends, row.village_id, row.town_id, row.topic, row.on_call)


async def duties(
    uow: UnitOfWork, house: House, since: datetime, until: datetime, staff_ids: Collection[int]
) -> list[Duty]:
    """Every duty of these staff that lies at least partly between two moments, earliest first."""
    return expand(
        [pattern_of(row) for row in await uow.roster.patterns() if row.staff_id in staff_ids],
        [duty_of(row) for row in await uow.roster.shifts(since, until) if row.staff_id in staff_ids],
        [Away(row.staff_id, row.starts, row.ends) for row in await uow.roster.leaves(since, until)],
        since,
        until,
        house.settings.zone,
        house.settings.days,
    )


async def board(house: House, uow: UnitOfWork, now: datetime, *, ahead: timedelta = timedelta(0)) -> Board:
    """Read the roster. Without `ahead` only who is there now is known, which is enough to page."""
    staff = {row.id: row for row in await uow.roster.active()}
    by_staff: dict[int, list[Duty]] = {}
    for duty in await duties(uow, house, now, now + ahead + timedelta(microseconds=1), staff.keys()):
        by_staff.setdefault(duty.staff_id, []).append(duty)
    ties: dict[int, tuple[Tie, ...]] = {}
    for row in await uow.roster.walls():
        ties[row.staff_id] = (*ties.get(row.staff_id, ()), Tie(row.tie, row.name, row.village_id))
    return Board(
        now=now,
        staff=staff,
        served=await uow.roster.served(),
        towns=await uow.roster.towns(),
        duties=by_staff,
        ties=ties,
        serve_all=any(row.serves_all for row in staff.values()),
        load=await uow.roster.load() if ahead else {},
        last_claims=await uow.roster.last_claims() if ahead else {},
    )


def standing(seen: Board, waiting: Iterable[Case]) -> tuple[object, ...]:
    """What decides who is paged for the cases that wait: while it stays the same, nobody new need be.

    Cases of the other side are left out, being many; so it changes every `LOOK_ANYWAY` in any case.
    """
    return (
        int(seen.now.timestamp() // LOOK_ANYWAY.total_seconds()),
        [
            (
                *(row.id, row.reopened, row.urgent, row.owner_id, row.village_id, row.topic, row.language),
                *(row.party_key, row.opponent_key, row.opponent_side),
            )
            for row in waiting
        ],
        [
            (row.id, row.role, row.serves_all, row.town_id, row.topics, row.language, row.speaks)
            for row in seen.staff.values()
        ],
        seen.served,
        seen.towns,
        seen.duties,
        seen.ties,
    )


def _reach(staff: Staff, village_id: int | None, town_id: int | None, seen: Board) -> Reach:
    if staff.serves_all or (village_id is not None and village_id in seen.served.get(staff.id, ())):
        return "village"
    if village_id is None and not seen.serve_all:
        return "village"
    planned = seen.duties.get(staff.id, ())
    if village_id is not None and any(row.village_id == village_id for row in planned):
        return "village"
    if town_id is not None and (staff.town_id == town_id or any(row.town_id == town_id for row in planned)):
        return "town"
    return "county" if staff.role == "county" else "away"


def _presence(
    staff: Staff, reach: Reach, village_id: int | None, town_id: int | None, topic: str, seen: Board
) -> tuple[Presence, datetime | None]:
    own = seen.duties.get(staff.id, [])
    if reach in {"village", "town"}:
        own = [row for row in own if covers(row, village_id, town_id, topic)]
    current = [row for row in own if row.starts <= seen.now and (row.ends is None or seen.now < row.ends)]
    if any(not row.on_call for row in current):
        return "now", None
    if current:
        return "on_call", None
    coming = [row.starts for row in own if row.starts > seen.now and not row.on_call]
    return ("next", min(coming)) if coming else ("off", None)


async def rank(case: Case, seen: Board, uow: UnitOfWork, *, refused: Collection[int] = ()) -> Ranking:
    """Everybody active in order for a case; `refused`: who has just put it back."""
    town_id = seen.towns.get(case.village_id) if case.village_id is not None else None
    others = await _others(case, uow)
    candidates = []
    for staff in seen.staff.values():
        reach = _reach(staff, case.village_id, town_id, seen)
        presence, next_start = _presence(staff, reach, case.village_id, town_id, case.topic, seen)
        member = Member(
            staff.id, staff.role, staff.serves_all, seen.served.get(staff.id, frozenset()), seen.ties.get(staff.id, ()),
            holds=case.adviser_id == staff.id,
        )  # fmt: skip
        candidates.append(
            Candidate(
                staff_id=staff.id,
                role=staff.role,
                reach=reach,
                presence=presence,
                next_start=next_start,
                topic=bool(case.topic) and case.topic in staff.topics,
                language=case.language in {staff.language, *staff.speaks},
                walled=stands_too_near(member, matter_of(case), others) if names_a_side(case) else "",
                load=seen.load.get(staff.id, 0),
                idle_since=seen.last_claims.get(staff.id),
                refused=staff.id in refused,
            )
        )
    return ranked(candidates, urgent=case.urgent)


def names_a_side(case: Case) -> bool:
    """Whether anything is known that the conflict wall could go by."""
    return bool(case.opponent or case.party or case.opponent_side == "committee")


def matter_of(case: Case, had_by: frozenset[int] = frozenset()) -> Matter:
    """A case as the conflict wall sees it."""
    return Matter(case.id, case.village_id, case.party, case.opponent, case.opponent_side, had_by)


async def _others(case: Case, uow: UnitOfWork) -> list[Matter]:
    return [matter_of(row, had) for row, had in await uow.roster.opposed(case)]


async def opposed(case: Case, uow: UnitOfWork) -> list[int]:
    """The numbers of the open cases whose sides are this one's the other way round, the oldest first."""
    return [row.id for row, _ in await uow.roster.opposed(case) if row.status != CaseStatus.CLOSED]


async def walled(case: Case, staff: Staff, uow: UnitOfWork) -> Reason:
    """Why somebody may not see a case; '' when the conflict wall does not keep them from it."""
    if not names_a_side(case):
        return ""
    ties = tuple(Tie(row.tie, row.name, row.village_id) for row in await uow.roster.walls() if row.staff_id == staff.id)
    committee = case.opponent_side == "committee"
    served = frozenset(row.id for row in await uow.county.served(staff.id)) if committee else frozenset()
    member = Member(staff.id, staff.role, staff.serves_all, served, ties, holds=case.adviser_id == staff.id)
    return stands_too_near(member, matter_of(case), await _others(case, uow))


async def assign(case: Case, ranking: Ranking, uow: UnitOfWork, now: datetime) -> None:
    """Make the first of a ranking the owner, and keep why; who only finds somebody else where nobody may. Without any
    staff the case waits without an owner.
    """
    owner = ranking.owner
    if owner is not None and case.owner_id == owner.staff_id:
        return
    case.owner_id = owner.staff_id if owner else None
    facts = owner.facts() if owner else {}
    if ranking.keeper is not None:
        facts["finds"] = True
    kept_out = {str(staff_id): why for staff_id, why in ranking.left_out.items() if why != "away"}
    await uow.events.record(
        case.id,
        "owned",
        now,
        staff_id=case.owner_id,
        detail={**facts, "among": len(ranking.order), "left_out": kept_out},
    )


async def offer(case: Case, candidate: Candidate, uow: UnitOfWork, now: datetime, occasion: str) -> None:
    """Keep that a case was offered to somebody, and why; once for one occasion."""
    detail = {**candidate.facts(), "occasion": f"{case.reopened}:{occasion}"}
    before = await uow.events.of_case(case.id, ["offered"])
    if all(row.staff_id != candidate.staff_id or row.detail.get("occasion") != detail["occasion"] for row in before):
        await uow.events.record(case.id, "offered", now, staff_id=candidate.staff_id, detail=detail)


async def reroute(
    case: Case, house: House, uow: UnitOfWork, now: datetime, *, refused: Collection[int] = ()
) -> Ranking:
    """Find a waiting case an owner anew."""
    ranking = await rank(case, await board(house, uow, now, ahead=AHEAD), uow, refused=refused)
    if not ranking.order and refused:
        # Better back to the one who put it down than to nobody.
        ranking = await rank(case, await board(house, uow, now, ahead=AHEAD), uow)
    await assign(case, ranking, uow, now)
    return ranking
