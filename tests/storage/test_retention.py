"""What led to nothing and is old loses its words; everything that counts stays."""

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message import mask_personal
from monitor.analysis.catalog import ANALYSES
from monitor.analysis.period import Period
from monitor.analysis.table import Table
from monitor.classifiers.model import Evidence, Verdict
from monitor.collectors.model import Role
from monitor.deadlines.model import ObligationState
from monitor.incidents.model import IncidentState
from monitor.items.tips import KeptTip, TipChannel
from monitor.ports import Question, Store, Transaction
from monitor.ports.analysis import NewVerdict, Reclassification
from storage.engine import connect, open_store
from storage.retention import FORGOTTEN, Forgotten, count_old, forget_old
from tests.analysis.facts import NAMING
from tests.support.builders import (
    T0,
    a_joining,
    a_publication,
    a_verdict,
    after,
    an_incident,
    an_item,
    an_obligation,
    opening,
)

NOW = after(days=400)
WORDS = "一处道路塌方"

KEPT: dict[str, dict[str, Any]] = {
    "joined": {"published_at": T0},
    "by hand": {"published_at": T0},
    "official": {"published_at": T0, "role": Role.OFFICIAL},
    "young": {"published_at": T0, "first_seen_at": after(days=35)},
}


def a_tip(item_id: int) -> KeptTip:
    return KeptTip(
        item_id=item_id,
        channel=TipChannel.PHONE,
        called_at=T0,
        contact="王先生 13800000000",
        recorded_by="duty",
        recorded_at=T0,
    )


@pytest.fixture
def filled(database_url: str) -> str:
    """A database with one item that may be forgotten and some that may not, in their order behind it."""
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        old = an_item(key="old", title=f"网传{WORDS}", text="当事人赵某 13900000000")
        kept = [an_item(key=name, title=f"{name}{WORDS}", **fields) for name, fields in KEPT.items()]
        stored = unit.add_items([old, *kept], [a_verdict(local=False)] + [None] * len(kept))
        joined, by_hand = stored[1].id, stored[2].id
        id_ = unit.next_incident_id()
        unit.save(opening(an_incident(id=id_), joinings=(a_joining(incident_id=id_, item_id=joined),)))
        unit.add_tip(a_tip(by_hand), [])
        unit.add_tip(a_tip(joined), [])
    return database_url


def found(store: Store, word: str = WORDS) -> list[str]:
    with store.reading() as unit:
        return [hit.item.key for hit in unit.search(Question(words=(word,))).hits]


def test_only_old_words_that_led_to_nothing_are_erased(filled: str) -> None:
    before = after(days=30)
    expected = Forgotten(items=1, contacts=1)
    assert count_old(filled, before) == expected
    assert forget_old(filled, before, NOW, "console") == expected
    assert count_old(filled, before) == Forgotten(items=0, contacts=0)
    with closing(open_store(filled)) as store:
        assert found(store) == list(reversed(KEPT))
        assert [found(store, word) for word in ("赵某", f"网传{WORDS}", "原文已清除")] == [[], [], ["old"]]
        with store.reading() as unit:
            ids = unit.known_items(["old", *KEPT])
            item, verdict = unit.item(ids["old"])
            assert (item.title, item.text, item.url, item.published_at) == (FORGOTTEN, "", None, T0)
            assert verdict == a_verdict(local=False, tokens=(), evidence=())
            assert [unit.tip(ids[key]).contact for key in ("by hand", "joined")] == ["", "王先生 13800000000"]
            entry = unit.journal()[-1].change
            assert (entry.event, entry.actor) == ("texts_forgotten", "console")
            assert entry.facts == {
                "items": 1,
                "contacts": 1,
                "drafts": 0,
                "masked": 0,
                "before": before.isoformat(),
            }
            assert unit.verify_journal()[0]


def test_a_contact_is_forgotten_once_its_incident_has_ended(filled: str) -> None:
    with closing(open_store(filled)) as store, store.transaction() as unit:
        closed = an_incident(version=2, state=IncidentState.DISMISSED)
        unit.save(opening(closed, expected_version=1))
    assert forget_old(filled, after(days=30), NOW, "console").contacts == 2


def test_forgetting_again_changes_nothing_and_a_new_item_is_found_again(filled: str) -> None:
    forget_old(filled, after(days=30), NOW, "console")
    assert forget_old(filled, after(days=30), NOW, "console") == Forgotten(items=0, contacts=0)
    with closing(open_store(filled)) as store:
        with store.reading() as unit:
            assert [entry.change.event for entry in unit.journal()].count("texts_forgotten") == 1
        with store.transaction() as unit:
            unit.add_items([an_item(key="again", title=f"网传{WORDS}")], [None])
        assert found(store, f"网传{WORDS}") == ["again"]


def test_more_than_one_round_is_forgotten(database_url: str) -> None:
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        items = [an_item(key=str(number), title=f"第{number}条") for number in range(1001)]
        unit.add_items(items, [None] * len(items))
    assert forget_old(database_url, after(days=1), NOW, "console").items == 1001
    with closing(connect(database_url)) as opened, opened.reading() as unit:
        assert unit.search(Question(words=("第",))).hits == ()


def test_erased_words_are_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "huiying.db"
    url = f"sqlite:///{path}"
    with closing(open_store(url)) as store, store.transaction() as unit:
        unit.add_items([an_item(key="k", exact_key="e", text="当事人赵某 13900000000" * 1000)], [None])
    assert b"13900000000" in path.read_bytes()
    forget_old(url, after(days=30), NOW, "console")
    assert b"13900000000" not in path.read_bytes()


POST = "联系人：王某某 13912345678，微信：wang_88888，柯街镇塌方两人被困，身份证530524199001011234"


def told(url: str) -> tuple[str, Verdict | None]:
    """Return the text of the one item of incident 1 as it is now, with its verdict."""
    with closing(open_store(url)) as store, store.reading() as unit:
        (joined,) = unit.joined_items(1)
        return joined.item.text, joined.verdict


def fill_incident(url: str, *, is_ended: bool = True, role: Role = Role.SOCIAL) -> None:
    """Store incident 1 with a post in it that names people, and what was judged of it."""
    start = POST.index("塌方")
    proof = Evidence(field="event_type", text="塌方", start=start, end=start + 2, where="text")
    hidden = Evidence(field="deaths", text="13912345678", start=8, end=19, where="text")
    with closing(open_store(url)) as store, store.transaction() as unit:
        item = an_item(
            key="post", exact_key="e", title="网友“小王”求助", text=POST, published_at=T0, role=role
        )
        judged = a_verdict(
            evidence=(proof, hidden), tokens=("塌方", "王某某", "13912345678"), demands=(f"要求{POST}",)
        )
        (stored,) = unit.add_items([item], [judged])
        run = Reclassification(rules_version="r2", started_at=T0, until_item=stored.id)
        unit.save_reclassification(run, [NewVerdict(item_id=stored.id, verdict=judged)])
        state = IncidentState.CLOSED if is_ended else IncidentState.OPEN
        ended_at = after(days=1) if is_ended else None
        incident = an_incident(
            id=unit.next_incident_id(),
            title="网友“小王”求助",
            demands=(POST,),
            state=state,
            ended_at=ended_at,
            profile={"塌方": 1.0, "13912345678": 2.0},
        )
        joining = a_joining(item_id=stored.id, shared=("塌方", "wang_88888"))
        unit.save(opening(incident, joinings=(joining,)))


def test_what_stays_of_posters_is_masked_and_its_evidence_stands_where_its_words_are(
    database_url: str,
) -> None:
    fill_incident(database_url)
    assert count_old(database_url, after(days=30)).masked == 2
    assert forget_old(database_url, after(days=30), NOW, "console").masked == 2
    text, verdict = told(database_url)
    with closing(open_store(database_url)) as store, store.reading() as unit:
        incident, (joined,) = unit.dossier(1).incident, unit.joined_items(1)
        assert unit.new_verdicts("r2", 0, 9) == ()
    assert (joined.shared, dict(incident.profile)) == (("塌方",), {"塌方": 1.0})
    everything = f"{text}{verdict}{incident}{joined}"
    secrets = ("王某某", "小王", "13912345678", "wang_88888", "199001011234")
    assert [secret for secret in secrets if secret in everything] == []
    assert verdict is not None
    assert [text[proof.start : proof.end] for proof in verdict.evidence] == ["塌方"]
    assert verdict.tokens == ("塌方",)
    with closing(open_store(database_url)) as store:
        assert [found(store, word) for word in ("13912345678", "小王", "两人被困")] == [[], [], ["post"]]
    assert forget_old(database_url, after(days=30), NOW, "console") == Forgotten(items=0, contacts=0)


@pytest.mark.parametrize(
    ("fields", "masked"),
    [
        pytest.param({"is_ended": False}, 0, id="somebody still works on it"),
        pytest.param({"role": Role.OFFICIAL}, 1, id="it is official: only the title of its incident is ours"),
    ],
)
def test_what_is_worked_on_or_official_stays_as_it_is(
    database_url: str, fields: dict[str, Any], masked: int
) -> None:
    fill_incident(database_url, **fields)
    assert forget_old(database_url, after(days=30), NOW, "console").masked == masked
    assert told(database_url)[0] == POST


def test_more_than_one_round_is_masked(database_url: str) -> None:
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        items = [an_item(key=str(n), text=f"第{n}条，电话13912345678", published_at=T0) for n in range(1001)]
        stored = unit.add_items(items, [None] * len(items))
        incident = an_incident(id=unit.next_incident_id(), state=IncidentState.CLOSED, ended_at=T0)
        unit.save(opening(incident, joinings=tuple(a_joining(item_id=item.id) for item in stored)))
    assert forget_old(database_url, after(days=1), NOW, "console").masked == 1001
    assert count_old(database_url, after(days=1)).masked == 0


@given(text=st.text(st.sampled_from("王某1390 -:：@a.微信联系人网友“”"), max_size=60))
def test_masking_again_changes_nothing(text: str) -> None:
    masked = mask_personal(text)
    assert mask_personal(masked) == masked


def fill_history(unit: Transaction, number: int) -> None:
    """Store an ended incident with a report and an answer, and an item that led to nothing."""
    at = after(days=number % 20 - 5)
    post = an_item(
        key=f"{number}", title="求助", text=f"{POST}{number}", published_at=at, source_id=f"s{number % 3}"
    )
    alone = an_item(key=f"{number} alone", title="闲谈", text=POST, published_at=at)
    verdict = a_verdict(tokens=("塌方", "停水", "救援")[: number % 3 + 1])
    joined = unit.add_items([post, alone], [verdict] * 2)[0]
    incident = an_incident(
        id=unit.next_incident_id(), state=IncidentState.CLOSED, detected_at=at, ended_at=after(days=30)
    )
    duty = an_obligation(
        id=f"{number}", incident_id=number, due_at=at, state=ObligationState.MET, met_late=number % 2 > 0
    )
    answer = a_publication(id=f"{number}:p", incident_id=number, effective_at=at)
    joining = a_joining(incident_id=number, item_id=joined.id, at=at)
    unit.save(opening(incident, obligations=(duty,), publications=(answer,), joinings=(joining,)))


def test_every_number_of_an_old_period_stays_the_same_after_forgetting(database_url: str) -> None:
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        for number in range(1, 31):
            fill_history(unit, number)

    def tables() -> list[Table]:
        march = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))
        with closing(open_store(database_url)) as store, store.reading() as unit:
            material = unit.analysis_material(march, NOW, with_words=True)
            return [each.build(material, NAMING) for each in ANALYSES]

    before = tables()
    assert forget_old(database_url, after(days=60), NOW, "console").items == 30
    assert tables() == before
