"""Reports taken by hand, through the same door as every item, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.dossier.acts import must_answer, set_severity
from monitor.errors import ConflictError, MonitorError, NotFoundError, RefusedActError
from monitor.items.tips import TIPS, Attachment, FileKind, Tip, TipChannel, file_kind
from monitor.pipeline.tips import open_with_tip, register
from monitor.ports import Store
from tests.support.builders import T0, a_verdict, after
from tests.support.setting import LosingStore, a_setting
from tests.support.telling import a_raw, a_slide, an_arrival, an_intake, words

SLIDE = "柯街镇 山体 滑坡 十二人 遇难"
CHAT = "有人 问 社保卡"
VERDICTS = {SLIDE: a_slide(12, tokens=words(SLIDE))}
PDF = Attachment(kind=FileKind.PDF, body=b"%PDF-1.7")
CALL = Tip(key="the first form", channel=TipChannel.PHONE, title=SLIDE, called_at=T0, attachments=(PDF,))
TALK = replace(CALL, key="the second form", title=CHAT)
NOW = after(minutes=5)


def take(store: Store, tip: Tip = CALL, by: str = "duty") -> tuple[int, bool]:
    return register(a_setting(store), an_intake(store, VERDICTS), tip, by=by, via="desk", now=NOW)


def open_(store: Store, item_id: int, by: str = "duty") -> int:
    act = must_answer("多人反映")
    setting, intake = a_setting(store), an_intake(store, VERDICTS)
    return open_with_tip(setting, intake, item_id, act, by=by, via="desk", now=NOW)


def events(store: Store) -> list[str]:
    with store.reading() as transaction:
        return [entry.change.event for entry in transaction.journal()]


def incidents(store: Store) -> int:
    with store.reading() as transaction:
        return len(transaction.incidents())


def test_a_call_opens_an_incident_with_its_clocks_and_its_alerts(store: Store) -> None:
    item_id, is_new = take(store)
    with store.reading() as transaction:
        dossier, alerts = transaction.dossier(1), transaction.alerts_of(1)
        tip, [poll] = transaction.tip(item_id), transaction.polls(TIPS, 10)
    assert is_new
    assert (dossier.incident.first_item_id, dossier.incident.first_published_at) == (item_id, T0)
    assert dossier.obligations
    assert {a.reason for a in alerts} == {"detected"}
    assert (tip.recorded_by, tip.recorded_at, tip.files[0].digest) == ("duty", NOW, PDF.digest)
    assert (poll.raw, poll.created) == (1, 1)


def test_a_call_of_days_ago_is_news_and_a_report_of_a_known_event_joins_it(store: Store) -> None:
    late = replace(CALL, called_at=T0 - timedelta(days=5))
    take(store, late)
    arrival = an_arrival(a_raw(SLIDE), now=after(minutes=9))
    an_intake(store, VERDICTS).take_in(arrival, after(minutes=9))
    assert incidents(store) == 1
    with store.reading() as transaction:
        assert transaction.dossier(1).incident.item_count == 2


def test_the_same_form_sent_at_once_to_several_processes_is_one_report(store: Store) -> None:
    with ThreadPoolExecutor(4) as processes:
        sent = [processes.submit(take, store) for _ in range(4)]
        taken = [one.result() for one in sent]
    assert len({item_id for item_id, _ in taken}) == 1
    assert [is_new for _, is_new in taken].count(True) == 1
    assert [events(store).count(event) for event in ("item", "tip_registered", "incident_opened")] == [
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(
    "changed", [{"title": CHAT}, {"text": "更多"}, {"url": "https://example.invalid/"}, {"attachments": ()}]
)
def test_the_same_form_with_something_else_in_it_is_refused(lite: Store, changed: dict[str, object]) -> None:
    take(lite)
    before = events(lite)
    with pytest.raises(RefusedActError, match="key_used"):
        take(lite, replace(CALL, **changed))  # type: ignore[arg-type]
    assert events(lite) == before


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"called_at": after(minutes=6)}, "in_the_future"), ({"title": "", "text": " "}, "nothing_said")],
)
def test_what_cannot_be_is_refused(lite: Store, changed: dict[str, object], reason: str) -> None:
    with pytest.raises(RefusedActError, match=reason):
        take(lite, replace(CALL, **changed))  # type: ignore[arg-type]
    assert events(lite) == []


def test_a_report_is_kept_whole_or_not_at_all(lite: Store) -> None:
    with pytest.raises(MonitorError):
        take(LosingStore(lite, 100))
    assert events(lite) == []
    assert take(LosingStore(lite, 2))[1]
    assert events(lite).count("tip_registered") == 1


def test_a_persons_word_opens_what_was_no_matter_once(store: Store) -> None:
    item_id, _ = take(store, TALK)
    assert incidents(store) == 0
    assert [open_(store, item_id), open_(store, item_id)] == [1, 1]
    with pytest.raises(ConflictError):
        open_(store, item_id, by="office_head")
    with store.reading() as transaction:
        dossier, [joined] = transaction.dossier(1), transaction.joined_items(1)
    assert (dossier.incident.must_answer_by, joined.reason) == ("duty", "by_hand")
    assert len(dossier.rounds) == 1
    assert incidents(store) == 1


def test_two_people_who_open_the_same_report_at_once_open_one_incident(store: Store) -> None:
    item_id, _ = take(store, TALK)
    with ThreadPoolExecutor(2) as people:
        asked = [people.submit(open_, store, item_id, by) for by in ("duty", "office_head")]
        refused = [one.exception() for one in asked]
    assert sorted(type(error).__name__ for error in refused if error) == ["ConflictError"]
    assert incidents(store) == 1


def test_what_comes_later_joins_an_incident_opened_by_hand(store: Store) -> None:
    item_id, _ = take(store, TALK)
    open_(store, item_id)
    verdict = a_verdict(tokens=words(CHAT), places=(), event_type=None, category=None, opinion="complaint")
    an_intake(store, {CHAT: verdict}).take_in(an_arrival(a_raw(CHAT), now=NOW), NOW)
    assert incidents(store) == 1


def test_an_order_from_above_says_why_it_must_be_answered(lite: Store) -> None:
    item_id, _ = take(lite, replace(TALK, channel=TipChannel.SUPERIOR))
    open_(lite, item_id)
    with lite.reading() as transaction:
        assert transaction.dossier(1).incident.basis_61 == "superior_ordered"


def test_only_a_report_taken_by_hand_is_opened_so(lite: Store) -> None:
    an_intake(lite, VERDICTS).take_in(an_arrival(a_raw(CHAT)), NOW)
    with pytest.raises(NotFoundError, match="no tip 1"):
        open_(lite, 1)


def test_a_grade_by_a_person_starts_the_clocks_of_that_grade(lite: Store) -> None:
    item_id, _ = take(lite, TALK)
    act = set_severity(None, "不定级")
    setting, intake = a_setting(lite), an_intake(lite, VERDICTS)
    open_with_tip(setting, intake, item_id, act, by="duty", via="desk", now=NOW)
    with lite.reading() as transaction:
        assert [o.kind for o in transaction.dossier(1).obligations if o.statutory] == ["response"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
        (b"\xff\xd8\xff\xe1", FileKind.JPEG),
        (b"%PDF-2.0", FileKind.PDF),
        (b" %PDF-2.0", None),
        (b"\x89PNG\n", None),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_it_begins_as(body: bytes, kind: FileKind | None) -> None:
    assert file_kind(body) is kind
