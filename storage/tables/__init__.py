"""The tables. `table=True` models do not validate: whatever comes from outside is validated at its edge.

Times are aware, in UTC. Money does not occur. Text is what people wrote, unchanged.
"""

from storage.tables.cases import Case, CaseEvent, Transfer
from storage.tables.columns import metadata
from storage.tables.county import (
    Leave,
    Shift,
    ShiftPattern,
    Staff,
    StaffAddress,
    StaffVillage,
    Swap,
    Town,
    Village,
    Wall,
)
from storage.tables.kinds import CaseStatus, Delivery, Direction, EntryStatus, InboxState, Role, TaskState
from storage.tables.knowledge import EntryVersion
from storage.tables.service import Call, Clock, FollowUp, RunningDeadline
from storage.tables.talk import Blob, Conversation, Message, Person, Question
from storage.tables.work import ChannelAccount, Counter, DeskPass, Inbox, Lease, Marker, Outbox, Task

__all__ = [
    "Blob",
    "Call",
    "Case",
    "CaseEvent",
    "CaseStatus",
    "ChannelAccount",
    "Clock",
    "Conversation",
    "Counter",
    "Delivery",
    "DeskPass",
    "Direction",
    "EntryStatus",
    "EntryVersion",
    "FollowUp",
    "Inbox",
    "InboxState",
    "Lease",
    "Leave",
    "Marker",
    "Message",
    "Outbox",
    "Person",
    "Question",
    "Role",
    "RunningDeadline",
    "Shift",
    "ShiftPattern",
    "Staff",
    "StaffAddress",
    "StaffVillage",
    "Swap",
    "Task",
    "TaskState",
    "Town",
    "Transfer",
    "Village",
    "Wall",
    "metadata",
]
