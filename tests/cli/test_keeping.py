"""`journal verify`, `journal export`, `users token`: what an administrator does from the command line."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.ports import Account
from monitor.ports.logins import SecondFactor
from storage.engine import open_store
from tests.cli.conftest import Run
from tests.support.builders import a_change, after

LEADER = Account(name="zhao", person_id="leader", role="leader", password_hash="")


@pytest.fixture
def told(home: Path) -> Iterator[Path]:
    """A database with a journal of three entries, the first two of them before yesterday's digest."""
    with closing(open_store(f"sqlite:///{home / 'var/huiying.db'}")) as store:
        with store.transaction() as transaction:
            transaction.save_account(LEADER)
            transaction.record(
                [a_change(), a_change(event="incident_dismissed", actor="duty", words="误报")], "r1"
            )
            transaction.anchor_journal(date(2026, 3, 2))
            transaction.record([a_change(incident=2, at=after(days=1), facts={"to": 3.5})])
        yield home


def in_database(folder: Path, *statements: str) -> None:
    """Do what somebody could do who owns the file and has taken its own guard away."""
    with closing(sqlite3.connect(folder / "var/huiying.db")) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            database.execute(statement)
        database.commit()


def exported(huiying: Run, *arguments: str) -> list[dict[str, Any]]:
    ran = huiying("journal", "export", *arguments)
    assert ran.code == 0
    return [json.loads(line) for line in ran.out.splitlines()]


# -- journal


def test_a_whole_journal_is_verified_and_a_changed_one_ends_with_1(told: Path, huiying: Run) -> None:
    well = huiying("journal", "verify")
    assert (well.code, "与 1 天的简报一致" in well.out) == (0, True)
    in_database(told, "UPDATE journal SET actor = 'somebody' WHERE seq = 1")
    ran = huiying("journal", "verify")
    assert (ran.code, ran.out) == (1, "留痕链不完整：第 1 条：内容被改动\n")


def test_a_hash_typed_from_paper_is_looked_for_in_the_chain(told: Path, huiying: Run) -> None:
    del told
    hashes = [entry["hash"] for entry in exported(huiying)]
    spaced = f" {hashes[1][:8].upper()} {hashes[1][8:16]} "
    found = huiying("journal", "verify", "--anchor", spaced, "--anchor", hashes[2])
    assert found.code == 0
    assert [line[-3:] for line in found.out.splitlines()[1:]] == ["2 条", "3 条"]
    unknown = huiying("journal", "verify", "--anchor", "0" * 16)
    assert unknown.code == 1
    assert "可能被整体改写" in unknown.out


@pytest.mark.parametrize("typed", ["", "abc", "0" * 15, "0" * 65, "g" * 16])
def test_what_is_no_hash_is_refused(told: Path, huiying: Run, typed: str) -> None:
    del told
    assert huiying("journal", "verify", "--anchor", typed).code == 2


def test_a_chain_forged_anew_is_told_by_the_paper_even_if_its_anchors_are_forged_too(
    told: Path, huiying: Run
) -> None:
    printed = exported(huiying)[1]["hash"]
    in_database(
        told,
        "DELETE FROM journal_words",
        "DELETE FROM journal",
        "DELETE FROM journal_anchors",
        "UPDATE journal_head SET seq = 0, hash = ''",
    )
    with closing(open_store(f"sqlite:///{told / 'var/huiying.db'}")) as store, store.transaction() as unit:
        unit.record([a_change(actor="somebody"), a_change(actor="nobody")])
        unit.anchor_journal(date(2026, 3, 2))
    assert huiying("journal", "verify").code == 0
    assert huiying("journal", "verify", "--anchor", printed).code == 1


def recomputed(entry: dict[str, Any]) -> str:
    """Return an entry's hash as the operations manual tells a stranger to compute it."""
    names = ("seq", "at", "event", "incident", "actor", "via", "words_hash", "rule_version")
    body: dict[str, Any] = {name: entry[name] for name in names}
    body["facts"] = json.dumps(entry["facts"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b((entry["previous_hash"] + text).encode(), digest_size=32).hexdigest()


def test_the_export_is_enough_to_compute_the_chain_anew(told: Path, huiying: Run) -> None:
    del told
    entries = exported(huiying)
    assert [entry["seq"] for entry in entries] == [1, 2, 3]
    assert [entry["hash"] for entry in entries] == [recomputed(entry) for entry in entries]
    assert [entry["previous_hash"] for entry in entries] == ["", entries[0]["hash"], entries[1]["hash"]]


def test_the_export_gives_peoples_own_words_only_when_asked(told: Path, huiying: Run) -> None:
    del told
    assert "误报" not in huiying("journal", "export").out
    assert [entry["words"] for entry in exported(huiying, "--words")] == [None, "误报", None]


def test_the_export_can_begin_later_and_be_of_one_incident(told: Path, huiying: Run) -> None:
    del told
    assert [entry["seq"] for entry in exported(huiying, "--after", "1")] == [2, 3]
    assert [entry["seq"] for entry in exported(huiying, "--incident", "2")] == [3]
    assert exported(huiying, "--after", "3") == []


# -- tokens


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(told: Path, huiying: Run) -> None:
    issued = huiying("users", "token", "zhao", "--scope", "feeds", "--days", "30")
    assert issued.code == 0
    secret = issued.out.strip()
    assert f"/feeds/deadlines.ics?token={secret}" in issued.err
    listed = huiying("users", "tokens").out
    assert secret not in listed
    number, account, scope, *_ = listed.split()
    assert (account, scope) == ("zhao", "feeds")
    assert huiying("users", "revoke", number).code == 0
    assert huiying("users", "tokens").out == ""
    assert huiying("users", "revoke", number).code == 1
    with closing(open_store(f"sqlite:///{told / 'var/huiying.db'}")) as store, store.reading() as unit:
        noted = [(e.change.event, e.change.facts) for e in unit.journal(after_seq=3)]
    assert noted == [("token_issued", {"account": "zhao"}), ("token_revoked", {"account": "zhao"})]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("nobody", "--scope", "feeds"), "没有这个账号，或已停用\n", id="no such login"),
        pytest.param(("zhao", "--scope", "all"), "范围须为", id="no such scope"),
    ],
)
def test_a_token_for_nobody_or_nothing_is_refused(
    told: Path, huiying: Run, arguments: tuple[str, ...], said: str
) -> None:
    del told
    ran = huiying("users", "token", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


# -- logins


def test_a_second_factor_is_taken_off_and_it_is_on_record(told: Path, huiying: Run) -> None:
    database = f"sqlite:///{told / 'var/huiying.db'}"
    with closing(open_store(database)) as store, store.transaction() as unit:
        unit.save_second_factor(SecondFactor(account="zhao", nonce="n", enrolled_at=after(days=1)))
    assert huiying("users", "reset-second-factor", "zhao").code == 0
    again = huiying("users", "reset-second-factor", "zhao")
    assert (again.code, again.err) == (1, "本账号没有启用动态验证码\n")
    with closing(open_store(database)) as store, store.reading() as unit:
        assert unit.second_factors() == {}
        [entry] = unit.journal(after_seq=3)
    assert (entry.change.event, entry.change.actor) == ("second_factor_reset", "console")
