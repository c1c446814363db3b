"""config.yaml and the environment -> one frozen `Config`. Nothing is read at import time.

A key is looked for in `DOORSTEP_<SECTION>__<KEY>` first, then in the file, then in the defaults here. Whatever is
not a key is refused, with the nearest one named: a misspelt key would otherwise be a setting silently ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from rapidfuzz import process

from faq.model import Topic
from handlers.rules.workdays import workdays_of

PREFIX = "DOORSTEP_"
_OTHER_VARIABLES = {"DOORSTEP_CONFIG"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class ConfigError(Exception):
    """The configuration cannot be used; the text names each place and what to do, one a line."""


def parse_duration(value: Any) -> Any:
    """'90s', '10m', '5h', '3d' or '1h30m' as a timedelta. Raises ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip().lower()
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError("a duration reads like 5s, 10m, 3h or 3d")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no such time zone: {name!r} (an example: Asia/Shanghai)") from None
    return name


def _country(code: str) -> str:
    workdays_of(code)
    return code


def _listed(value: Any) -> Any:
    """A list; or 'a, b' as a variable of the environment gives it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _topic(name: str) -> str:
    if name not in set(Topic):
        raise ValueError(f"a topic is one of {', '.join(Topic)}")
    return name


TopicName = Annotated[str, AfterValidator(_topic)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration), Field(gt=timedelta(0))]
Share = Annotated[float, Field(ge=0, le=1)]
Jurisdiction = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
Phone = Annotated[str, Field(pattern=r"^[0-9][0-9 -]{1,18}$")]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseConfig(Section):
    url: str = ""


class WebConfig(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/]+(/[^\s]*)?)?$")
    posts_per_minute: int = Field(default=30, ge=1)
    trust_proxy: bool = False


class TelegramConfig(Section):
    token: SecretStr = SecretStr("")
    api_base: str = Field(default="https://api.telegram.org", pattern=r"^https?://\S+$")
    webhook_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    webhook_secret: SecretStr = SecretStr("")
    messages_per_second: float = Field(default=30, gt=0)
    chat_interval: Annotated[timedelta, BeforeValidator(parse_duration), Field(ge=timedelta(0))] = timedelta(seconds=1)

    @property
    def account(self) -> str:
        """The bot's id: the part of the token before the colon, which is not secret."""
        return self.token.get_secret_value().partition(":")[0]


class CountyConfig(Section):
    name: str = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    holidays: Annotated[str, AfterValidator(_country)] = "CN"
    default_language: Literal["zh", "en"] = "zh"
    jurisdiction: Annotated[tuple[Jurisdiction, ...], BeforeValidator(_listed)] = ()


class AnswersConfig(Section):
    answer_at: Share = 0.85
    careful_at: Share = 0.8
    suggest_at: Share = 0.45
    vectors: bool = True
    recall_within: Duration = timedelta(days=90)


class CasesConfig(Section):
    first_answer: Duration = timedelta(hours=5)
    urgent_answer: Duration = timedelta(hours=1)


class ServiceConfig(Section):
    claim: Duration = timedelta(minutes=10)
    page_every: Duration = timedelta(minutes=3)
    transfer_urgent: Duration = timedelta(hours=1)
    transfer_days: int = Field(default=1, ge=1, le=90)
    result_days: int = Field(default=5, ge=1, le=90)
    extended_days: int = Field(default=15, ge=1, le=365)
    reopening_days: int = Field(default=1, ge=1, le=90)
    wait_limit: Duration = timedelta(days=5)
    again: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(hours=1)
    warn_owner: Share = 0.5
    warn_backup: Share = 0.7
    warn_director: Share = 0.85
    warn_county: Share = 0.95
    opens: time = time(8, 30)
    closes: time = time(17, 30)


class RosterConfig(Section):
    working_days: bool = True


class FollowUpConfig(Section):
    after: Duration = timedelta(days=3)
    again_after: Duration = timedelta(days=4)
    later_days: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = (30, 90)
    money_topics: tuple[TopicName, ...] = ("labour", "injury", "loans", "consumers")
    late_after: Duration = timedelta(days=14)


class QuietHoursConfig(Section):
    enabled: bool = True
    start: time = time(21, 0)
    end: time = time(8, 0)


class UploadsConfig(Section):
    max_bytes: int = Field(default=10 * 1024 * 1024, ge=1)


class InboxConfig(Section):
    tries: int = Field(default=5, ge=1)


class DeskConfig(Section):
    link_valid: Duration = timedelta(days=1)
    session_valid: Duration = timedelta(days=30)


class NumbersConfig(Section):
    police: Phone = "110"
    police_sms: Phone = "12110"
    fire: Phone = "119"
    ambulance: Phone = "120"
    traffic: Phone = "122"
    legal: Phone = "12348"
    women: Phone = "12338"
    youth: Phone = "12355"
    mental_health: Phone = "12356"
    government: Phone = "12345"
    labour: Phone = "12333"
    consumers: Phone = "12315"
    anti_fraud: Phone = "96110"
    courts: Phone = "12368"
    procuratorate: Phone = "12309"
    union: Phone = "12351"
    disabled: Phone = "12385"
    farming: Phone = "12316"


class LogConfig(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Section):
    """Every setting. Frozen; sections by name."""

    data_dir: Path = Path("data")
    demo: Literal["auto"] | bool = "auto"
    database: DatabaseConfig = DatabaseConfig()
    web: WebConfig = WebConfig()
    telegram: TelegramConfig = TelegramConfig()
    county: CountyConfig = CountyConfig()
    answers: AnswersConfig = AnswersConfig()
    cases: CasesConfig = CasesConfig()
    service: ServiceConfig = ServiceConfig()
    roster: RosterConfig = RosterConfig()
    follow_up: FollowUpConfig = FollowUpConfig()
    quiet_hours: QuietHoursConfig = QuietHoursConfig()
    uploads: UploadsConfig = UploadsConfig()
    inbox: InboxConfig = InboxConfig()
    desk: DeskConfig = DeskConfig()
    numbers: NumbersConfig = NumbersConfig()
    log: LogConfig = LogConfig()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.county.timezone)

    @property
    def wants_demo(self) -> bool:
        """Whether an empty database gets the demonstration county; beside a real platform only when asked for."""
        return not self.telegram.account if self.demo == "auto" else bool(self.demo)

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data_dir / 'doorstep.sqlite3'}"


def default_path() -> Path | None:
    """The config.yaml to use when none is named: the one beside the code, so that every directory sees the same."""
    beside_the_code = Path(__file__).resolve().parent.parent / "config.yaml"
    return beside_the_code if beside_the_code.is_file() else None


def load_config(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read the file (`path`, else DOORSTEP_CONFIG, else the one beside the code) and the environment.

    Raises ConfigError, which names every wrong place at once: file or variable, path, reason, nearest valid key.
    """
    environ = os.environ if environ is None else environ
    if path is None:
        path = Path(environ["DOORSTEP_CONFIG"]) if environ.get("DOORSTEP_CONFIG") else default_path()
    values = _read(path) if path else {}
    origin = str(path) if path else "defaults"
    problems = _unknown_keys(values, Config, origin, ())
    sources = _overlay(values, environ, problems)
    if problems:
        raise ConfigError("\n".join(problems))
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(error, origin, sources))) from None
    base = path.resolve().parent if path else Path.cwd()
    config = config.model_copy(update={"data_dir": base / config.data_dir.expanduser()})
    _check_together(config)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: is not valid YAML: {getattr(error, 'problem', None) or error}") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected sections with keys, found {type(values).__name__}")
    return {str(name): {} if section is None else section for name, section in values.items()}


def _nearest(word: str, known: list[str]) -> str:
    found = process.extractOne(word, known, score_cutoff=50)
    return f"; did you mean '{found[0]}'?" if found else f"; known here: {', '.join(known)}"


def _unknown_keys(values: Mapping[Any, Any], model: type[BaseModel], origin: str, path: tuple[str, ...]) -> list[str]:
    problems = []
    for key, value in values.items():
        where = ".".join((*path, str(key)))
        field = model.model_fields.get(str(key))
        if field is None:
            problems.append(f"{origin}: unknown key '{where}'{_nearest(str(key), list(model.model_fields))}")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) and isinstance(value, dict):
            problems += _unknown_keys(value, field.annotation, origin, (*path, str(key)))
    return problems


def _variables() -> dict[str, tuple[str, ...]]:
    """Every variable that sets a key, with the key's path."""
    names: dict[str, tuple[str, ...]] = {}
    for name, field in Config.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for key in field.annotation.model_fields:
                names[f"{PREFIX}{name}__{key}".upper()] = (name, key)
        else:
            names[f"{PREFIX}{name}".upper()] = (name,)
    return names


def _overlay(values: dict[str, Any], environ: Mapping[str, str], problems: list[str]) -> dict[tuple[str, ...], str]:
    """Put variables over the file's values; says which path came from which variable."""
    known = _variables()
    sources: dict[tuple[str, ...], str] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable in _OTHER_VARIABLES:
            continue
        path = known.get(variable)
        if path is None:
            problems.append(f"environment: unknown variable {variable}{_nearest(variable, list(known))}")
            continue
        target = values
        for name in path[:-1]:
            if not isinstance(target.get(name), dict):
                target[name] = {}
            target = target[name]
        target[path[-1]] = value
        sources[path] = variable
    return sources


def _explain(error: ValidationError, origin: str, sources: Mapping[tuple[str, ...], str]) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        path = tuple(str(part) for part in problem["loc"] if str(part) not in {"literal['auto']", "bool"})
        where = f"environment: {sources[path]}" if path in sources else f"{origin}: {'.'.join(path)}"
        lines.append(f"{where}: {problem['msg'].removeprefix('Value error, ')}")
    return list(dict.fromkeys(lines))


def _check_together(config: Config) -> None:
    """What no key can check alone."""
    telegram = config.telegram
    token = telegram.token.get_secret_value()
    if token and not re.fullmatch(r"\d+:[\w-]+", token):
        raise ConfigError("telegram.token: a token reads like 123456:ABC-DEF (digits, a colon, letters)")
    secret = telegram.webhook_secret.get_secret_value()
    if telegram.webhook_url and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise ConfigError("telegram.webhook_secret: a webhook needs a secret of 1 to 256 letters, digits, '_' or '-'")
    service = config.service
    if not 0 < service.warn_owner < service.warn_backup < service.warn_director < service.warn_county < 1:
        raise ConfigError("service.warn_owner: shares between 0 and 1 that grow: owner, backup, director, county")
    if service.extended_days < service.result_days:
        raise ConfigError("service.extended_days: must not be below service.result_days")
    if service.opens >= service.closes:
        raise ConfigError("service.closes: must be after service.opens")
    for name in ("answer_at", "careful_at"):
        if config.answers.suggest_at > getattr(config.answers, name):
            raise ConfigError(f"answers.suggest_at: must not be above answers.{name}")
