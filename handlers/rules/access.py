"""Which member of staff may open and answer which case."""

from __future__ import annotations

from collections.abc import Collection

COUNTY_WIDE_ROLES = frozenset({"county"})


def may_open(
    *, role: str, serves_all: bool, villages: Collection[int], case_village: int | None, adviser: bool
) -> bool:
    """Whether somebody may see a case: its adviser, those who serve its village, and the county desk.

    A case without a village is open to all staff: nobody knows yet whose it is.
    """
    return adviser or serves_all or role in COUNTY_WIDE_ROLES or case_village is None or case_village in villages
