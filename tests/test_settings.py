"""Settings: defaults, names, secrets and faults."""

from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import Settings, environment_values, read_settings

EXAMPLE = Path(__file__).parents[1] / ".env.example"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment_values(Path("no-such-file")):
        if name.startswith("HUIYING_"):
            monkeypatch.delenv(name)


def test_everything_has_a_default(tmp_path: Path) -> None:
    settings = read_settings(tmp_path / "none")
    assert settings.database_url.get_secret_value() == "sqlite:///var/huiying.db"
    assert (settings.host, settings.port, settings.var) == ("127.0.0.1", 8850, Path("var"))
    assert (settings.sources, settings.office) == (Path("sources.yaml"), Path("office.yaml"))
    assert (settings.session_secret, settings.smtp.host, settings.development) == (None, "", False)


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "HUIYING_PORT=9000\nHUIYING_HOST=0.0.0.0\nHUIYING_SMTP_SENDER_NAME=县办\nOTHER=x\n", "utf-8"
    )
    monkeypatch.setenv("HUIYING_PORT", "9001")
    monkeypatch.setenv("HUIYING_LOG_LEVEL", "")
    settings = read_settings(file)
    assert (settings.port, settings.host, settings.smtp.sender_name) == (9001, "0.0.0.0", "县办")  # noqa: S104
    assert settings.log_level == "INFO"


def test_references_of_the_yaml_files_find_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("HOOK_A=file\nHOOK_B='a$b ${c}'\nEMPTY\n", "utf-8")
    monkeypatch.setenv("HOOK_A", "environment")
    values = environment_values(file)
    assert (values["HOOK_A"], values["HOOK_B"]) == ("environment", "a$b ${c}")
    assert "EMPTY" not in values


def test_all_faults_are_named_and_no_secret_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("PORT", "x"),
        ("SESSION_SECRET", "kurz"),
        ("SMTP_PORT", "70000"),
        ("SMTP_SECURITY", "ssl"),
        ("LOG_LEVEL", "LOUD"),
    ):
        monkeypatch.setenv(f"HUIYING_{name}", value)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(Path("no-such-file"))
    assert sorted(caught.value.faults) == [
        "HUIYING_LOG_LEVEL: 只能是 'DEBUG', 'INFO', 'WARNING' 或 'ERROR'（现为 \"LOUD\"）",
        'HUIYING_PORT: 应为整数（现为 "x"）',
        "HUIYING_SESSION_SECRET: 密钥至少 32 位",
        'HUIYING_SMTP_PORT: 不得大于 65535（现为 "70000"）',
        "HUIYING_SMTP_SECURITY: 只能是 'tls', 'starttls' 或 'none'（现为 \"ssl\"）",
    ]


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYING_SMTP_PASSWORD", "geheim")
    monkeypatch.setenv("HUIYING_DATABASE_URL", "postgresql+psycopg://u:geheim@h/d")
    assert "geheim" not in repr(read_settings(Path("no-such-file")))


def test_the_example_names_every_setting() -> None:
    text = EXAMPLE.read_text("utf-8")
    names = [f"SMTP_{name}" for name in type(Settings().smtp).model_fields]
    names += [name for name in Settings.model_fields if name != "smtp"]
    assert [name for name in names if f"# HUIYING_{name.upper()}=" not in text] == []
    assert read_settings(EXAMPLE) == Settings(_env_file=None)
