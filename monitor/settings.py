"""Environment and `.env` to one frozen Settings; secrets never print. Every name begins with `HUIYING_`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from monitor.errors import ConfigurationError
from monitor.yamlfile import fault_words

_PREFIX = "HUIYING_"
_SECRETS = frozenset({"database_url", "session_secret", "password"})


class Smtp(BaseModel):
    """The mail server (`HUIYING_SMTP_HOST` and so on); without a host no mail is sent."""

    model_config = ConfigDict(frozen=True)

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None
    password: SecretStr | None = None
    sender: str = "huiying@localhost"
    sender_name: str = "回应"


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < 32:
        raise ValueError("密钥至少 32 位")
    return secret


class Settings(BaseSettings):
    """What the environment decides; what the office decides is in `office.yaml`.

    `rules`, `grading` and `opinion_levels` None mean those of the package. `words` is the folder
    of the office's own words; the one of the default may be missing. `templates` is the folder of its own
    templates of messages, None for those of the package. `rjieba` needs the extra `fast`.
    `session_secret` None means that the service makes one and keeps it under `var`.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    database_url: SecretStr = SecretStr("sqlite:///var/huiying.db")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8850
    proxies: str = ""
    sources: Path = Path("sources.yaml")
    office: Path = Path("office.yaml")
    rules: Path | None = None
    grading: Path | None = None
    opinion_levels: Path | None = None
    words: Path = Path("words")
    templates: Path | None = None
    segmenter: Literal["jieba", "rjieba"] = "jieba"
    var: Path = Path("var")
    session_secret: Annotated[SecretStr, AfterValidator(_long_enough)] | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    development: bool = False
    smtp: Smtp = Smtp()


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """Read environment and `.env`, the environment first; raises ConfigurationError with every fault."""
    try:
        return Settings(_env_file=env_file, _env_file_encoding="utf-8")
    except ValidationError as error:
        raise ConfigurationError(
            tuple(
                f"{_PREFIX}{'_'.join(map(str, detail['loc'])).upper()}: "
                + fault_words(detail, is_secret=not _SECRETS.isdisjoint(detail["loc"]))
                for detail in error.errors(include_url=False)
            )
        ) from error


def environment_values(env_file: Path = Path(".env")) -> Mapping[str, str]:
    """Return what `${NAME}` in the YAML files may refer to: `.env`, and the environment over it."""
    written = dotenv_values(env_file, encoding="utf-8", interpolate=False)
    return {name: value for name, value in written.items() if value is not None} | dict(os.environ)
