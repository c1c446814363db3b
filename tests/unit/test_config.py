"""Configuration: whatever is wrong is named, with file, path and the nearest key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Config, ConfigError, load_config

ROOT = Path(__file__).resolve().parents[2]


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_shipped_file_is_the_defaults() -> None:
    loaded = load_config(ROOT / "config.yaml", {})
    assert loaded.model_copy(update={"data_dir": Path("data")}) == Config()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("telegramm:\n  token: x\n", ["unknown key 'telegramm'", "did you mean 'telegram'"]),
        ("telegram:\n  tokn: x\n", ["unknown key 'telegram.tokn'", "did you mean 'token'"]),
        ("web:\n  port: eighty\n", ["web.port", "integer"]),
        ("web:\n  port: 70000\n", ["web.port", "65535"]),
        ("follow_up:\n  after: soon\n", ["follow_up.after", "5s, 10m, 3h or 3d"]),
        ("follow_up:\n  after: -1d\n", ["follow_up.after"]),
        ("county:\n  timezone: Mars/Base\n", ["county.timezone", "no such time zone"]),
        ("telegram:\n  token: not-a-token\n", ["telegram.token", "123456:ABC-DEF"]),
        ("telegram:\n  token: 1:a\n  webhook_url: https://x.org/h\n", ["telegram.webhook_secret"]),
        ("answers:\n  suggest_at: 0.9\n", ["answers.suggest_at", "must not be above"]),
        ("numbers:\n  police: call me\n", ["numbers.police"]),
        ("web: [1, 2]\n", ["web"]),
        ("- a\n- b\n", ["expected sections"]),
        ("just words", ["expected sections"]),
        ("web:\n  port: 80\n  host: [", ["config.yaml", "not valid YAML"]),
        ("web:\n\tport: 80\n", ["not valid YAML"]),
        (b"\xff\xfe\x00", ["not UTF-8"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str | bytes, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, text), {})
    for word in words:
        assert word in str(caught.value)


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, "wep: {}\nweb: {prt: 1}\n"), {"DOORSTEP_WEB__PRT": "1"})
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "web:\n"])
def test_an_empty_or_half_written_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert load_config(written(tmp_path, text), {}).web.port == 8080


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.yaml", {})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "web:\n  port: 1234\n")
    environ = {"DOORSTEP_WEB__PORT": "99", "DOORSTEP_DEMO": "false", "DOORSTEP_FOLLOW_UP__AFTER": "5s", "HOME": "/x"}
    loaded = load_config(path, environ)
    assert (loaded.web.port, loaded.demo, loaded.follow_up.after) == (99, False, timedelta(seconds=5))


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"DOORSTEP_WEB__PROT.*did you mean 'DOORSTEP_WEB__PORT'"):
        load_config(written(tmp_path, ""), {"DOORSTEP_WEB__PROT": "1"})
    with pytest.raises(ConfigError, match="environment: DOORSTEP_WEB__PORT"):
        load_config(written(tmp_path, ""), {"DOORSTEP_WEB__PORT": "x"})


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    loaded = load_config(written(tmp_path, ""), {"DOORSTEP_TELEGRAM__TOKEN": "1:secret-word"})
    assert "secret-word" not in repr(loaded)
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, ""), {"DOORSTEP_TELEGRAM__TOKEN": "secret-word"})
    assert "secret-word" not in str(caught.value)


def test_the_demonstration_stays_away_from_a_real_platform(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    assert load_config(path, {}).wants_demo
    assert not load_config(path, {"DOORSTEP_TELEGRAM__TOKEN": "1:a"}).wants_demo
    assert load_config(path, {"DOORSTEP_TELEGRAM__TOKEN": "1:a", "DOORSTEP_DEMO": "true"}).wants_demo
