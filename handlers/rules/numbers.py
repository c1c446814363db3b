"""Public phone numbers: the standard ones, and what this county's settings make of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

STANDARD = {
    "110": "police",
    "12110": "police_sms",
    "119": "fire",
    "120": "ambulance",
    "122": "traffic",
    "12348": "legal",
    "12338": "women",
    "12355": "youth",
    "12356": "mental_health",
    "12345": "government",
    "12333": "labour",
    "12315": "consumers",
    "96110": "anti_fraud",
    "12368": "courts",
    "12309": "procuratorate",
    "12351": "union",
    "12385": "disabled",
    "12316": "farming",
}
"""The standard number of each service, as published; the names are the keys of `numbers` in config.yaml."""


def card(numbers: Iterable[str], configured: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(service name, number to call) for standard numbers, as configured here. Unknown ones are left as they are."""
    return tuple((name, configured.get(name, number)) for number in numbers for name in [STANDARD.get(number, "")])
