"""The stage on which the transcripts play, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config
from storage.database import Database
from tests.conftest import Clock
from tests.dialogues.stage import Stage


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path)


@pytest.fixture
async def stage(database: Database, clock: Clock, config: Config) -> Stage:
    return Stage.build(database, clock, config)
