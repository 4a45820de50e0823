"""Papers on their way: once to each reader, drafts that somebody looks at, amendments that edit nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from alerts.digest.review import Term
from alerts.model import Alert, AlertState
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.errors import ConflictError, NotFoundError, RefusedActError
from monitor.incidents.model import IncidentState
from monitor.office.example import example_office
from monitor.office.model import Office, PaperFile, PaperPlan, PaperTime
from monitor.pipeline.issuing import (
    Writing,
    amend,
    drop,
    issue,
    keep_draft,
    paper_for,
    readers_of,
    write_daily,
    write_on_incident,
    write_periodic,
)
from monitor.pipeline.timely_papers import next_paper_at, queue_flashes, queue_papers
from monitor.ports import Store, Transaction
from monitor.ports.papers import KeptPaper, PaperKind, PaperState
from tests.support.builders import a_change, an_incident, opening
from tests.support.setting import a_setting

MONDAY = datetime(2026, 3, 9, 8, 30, tzinfo=SHANGHAI)
WEEKLY = PaperTime(day=1, at=time(8, 30), to=("leader",))
MONTHLY = PaperTime(day=1, at=time(9), review=False)
PLAN = PaperPlan(weekly=WEEKLY, monthly=MONTHLY, flash_to=("leader", "office_head"))
OFFICE = replace(example_office(), papers=PLAN, public_url="https://desk.example")


def a_writing(transaction: Transaction, now: datetime = MONDAY, by: str = "office_head") -> Writing:
    return Writing(transaction=transaction, office=OFFICE, sources=(), now=now, by=by, via="desk", health={})


def kept(store: Store, kind: PaperKind | None = None) -> tuple[KeptPaper, ...]:
    with store.reading() as transaction:
        return transaction.papers(kind)


def told(store: Store, *reasons: str) -> list[Alert]:
    with store.reading() as transaction:
        queued = transaction.alerts_in_states([str(state) for state in AlertState], 100)
    return [alert for alert in queued if alert.reason in reasons]


def events(store: Store) -> list[str]:
    with store.reading() as transaction:
        return [e.change.event for e in transaction.journal() if e.change.event.startswith("paper_")]


def begin(store: Store, at: datetime = MONDAY - timedelta(days=30)) -> None:
    """Let the journal begin, so that there was somebody to know of a term."""
    with store.transaction() as transaction:
        transaction.record([a_change(at=at, event="service_up", incident=None, facts={"away_s": 60})])


# -- by themselves


def test_a_paper_to_review_waits_as_a_draft_and_its_reviewers_are_told(lite: Store) -> None:
    begin(lite)
    setting = a_setting(lite, replace(OFFICE, papers=PaperPlan(weekly=WEEKLY)))
    assert queue_papers(setting, (), MONDAY - timedelta(seconds=1)) == 0
    assert queue_papers(setting, (), MONDAY) == 1
    assert queue_papers(setting, (), MONDAY + timedelta(hours=1)) == 0
    [draft] = kept(lite)
    assert (draft.subject, draft.state, draft.made_by) == ("2026-03-02", PaperState.DRAFT, "policy")
    assert {alert.to for alert in told(lite, "paper_review")} == {"office_head"}
    assert told(lite, "paper") == []


def test_without_review_it_goes_to_its_readers_at_its_hour_once(store: Store) -> None:
    begin(store)
    setting = a_setting(store, replace(OFFICE, papers=PaperPlan(weekly=replace(WEEKLY, review=False))))
    for minutes in (0, 1, 600):
        queue_papers(setting, (), MONDAY + timedelta(minutes=minutes))
    [paper] = kept(store)
    assert (paper.state, paper.decided_by, paper.readers) == (PaperState.ISSUED, "policy", ("leader",))
    assert [alert.to for alert in told(store, "paper")] == ["leader"]
    assert "迟至" not in "".join(paper.paper.closing)


def test_what_was_missed_leaves_late_and_says_so_but_not_after_three_days(lite: Store) -> None:
    begin(lite)
    setting = a_setting(lite, replace(OFFICE, papers=PaperPlan(weekly=replace(WEEKLY, review=False))))
    assert queue_papers(setting, (), MONDAY + timedelta(days=4)) == 0
    assert queue_papers(setting, (), MONDAY + timedelta(hours=30)) == 1
    said = kept(lite)[0].paper.closing[0]
    assert said == "本期应于3月9日8时30分送出，因服务中断迟至3月10日14时30分，所列情况截至应送出时。"


def test_nothing_is_written_of_a_term_that_nobody_watched(lite: Store) -> None:
    setting = a_setting(lite, OFFICE)
    assert queue_papers(setting, (), MONDAY) == 0
    begin(lite, MONDAY - timedelta(hours=1))
    assert queue_papers(setting, (), MONDAY) == 0


def test_the_digest_of_a_day_is_kept_as_it_was_sent(lite: Store) -> None:
    setting = a_setting(lite, replace(example_office(), digest_at=time(8)))
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(detected_at=MONDAY - timedelta(hours=3))))
    assert queue_papers(setting, (), MONDAY) == 1
    assert queue_papers(setting, (), MONDAY + timedelta(minutes=1)) == 0
    [paper] = kept(lite)
    assert (paper.kind, paper.subject, paper.state) == (PaperKind.DAILY, "2026-03-09", PaperState.ISSUED)
    assert told(lite, "paper") == []
    assert len(told(lite, "digest")) == 1


def test_the_next_paper_is_the_earlier_of_the_two() -> None:
    assert next_paper_at(OFFICE, MONDAY) == MONDAY + timedelta(days=7)
    assert next_paper_at(OFFICE, MONDAY + timedelta(days=22)) == datetime(2026, 4, 1, 9, tzinfo=SHANGHAI)
    assert next_paper_at(example_office(), MONDAY) is None


# -- flashes


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, ["leader", "office_head"], id="severity 2 and ours"),
        pytest.param({"severity": Severity.RELATIVELY_SERIOUS}, [], id="less severe"),
        pytest.param({"severity": None}, [], id="not graded"),
        pytest.param({"local": None}, [], id="not placed yet"),
        pytest.param({"local": False}, [], id="elsewhere"),
        pytest.param({"state": IncidentState.DISMISSED}, [], id="dismissed"),
    ],
)
def test_a_flash_leaves_at_once_for_what_is_serious_and_ours(
    store: Store, fields: dict[str, object], expected: Sequence[str]
) -> None:
    with store.transaction() as transaction:
        transaction.save(opening(an_incident(**fields)))
    setting = a_setting(store, OFFICE)
    assert queue_flashes(setting, (), MONDAY) == bool(expected)
    assert queue_flashes(setting, (), MONDAY + timedelta(hours=1)) == 0
    flashes = told(store, "flash")
    assert sorted(alert.to for alert in flashes) == sorted(expected)
    assert all((a.urgent, a.incident_id, a.send_at) == (True, 1, MONDAY) for a in flashes)


def test_a_higher_severity_has_a_flash_of_its_own_and_a_lower_one_has_none(lite: Store) -> None:
    setting = a_setting(lite, OFFICE)
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident()))
    counts = []
    for version, severity in enumerate((Severity.PARTICULARLY_SERIOUS, Severity.SERIOUS), start=2):
        counts.append(queue_flashes(setting, (), MONDAY))
        with lite.transaction() as transaction:
            changed = an_incident(version=version, severity=severity)
            transaction.save(opening(changed, expected_version=version - 1))
    counts += [queue_flashes(setting, (), MONDAY) for _ in range(2)]
    assert counts == [1, 1, 0, 0]


def test_an_office_that_names_nobody_gets_no_flash(lite: Store) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident()))
    assert queue_flashes(a_setting(lite), (), MONDAY) == 0
    assert kept(lite) == ()


# -- review


def test_a_draft_is_issued_once_by_name_and_goes_to_its_readers(store: Store) -> None:
    with store.transaction() as transaction:
        draft = keep_draft(a_writing(transaction, by="analyst"), write_weekly(transaction))
        assert draft is not None
        assert keep_draft(a_writing(transaction), write_weekly(transaction)) is None
    with store.transaction() as transaction:
        issued = issue(a_writing(transaction), draft.id)
    with store.transaction() as transaction, pytest.raises(RefusedActError, match="paper_decided"):
        issue(a_writing(transaction), draft.id)
    [found] = kept(store)
    assert found == issued
    assert (found.state, found.made_by, found.decided_by) == (PaperState.ISSUED, "analyst", "office_head")
    assert found.paper == draft.paper
    assert [alert.to for alert in told(store, "paper")] == ["leader"]
    assert events(store) == ["paper_drafted", "paper_issued"]


def write_weekly(transaction: Transaction) -> KeptPaper:
    return write_periodic(a_writing(transaction, by="analyst"), Term.WEEKLY, MONDAY.date())


def test_a_dropped_draft_goes_to_nobody_and_another_may_be_written(lite: Store) -> None:
    with lite.transaction() as transaction:
        first = keep_draft(a_writing(transaction), write_weekly(transaction))
        assert first is not None
        drop(a_writing(transaction), first.id)
        again = keep_draft(a_writing(transaction), write_weekly(transaction))
    assert again is not None
    assert {p.state for p in kept(lite)} == {PaperState.DROPPED, PaperState.DRAFT}
    assert told(lite, "paper") == []


def test_who_decides_second_is_told(lite: Store) -> None:
    with lite.transaction() as transaction:
        draft = keep_draft(a_writing(transaction), write_weekly(transaction))
        assert draft is not None
        decided = replace(draft, state=PaperState.DROPPED)
        transaction.decide_paper(decided)
        with pytest.raises(ConflictError):
            transaction.decide_paper(decided)
        with pytest.raises(NotFoundError):
            transaction.paper(draft.id + 1)


# -- amendments


def test_an_amendment_is_numbered_says_what_was_wrong_and_goes_to_the_first_readers(lite: Store) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(detected_at=MONDAY - timedelta(days=3))))
        writing = a_writing(transaction)
        daily = keep_draft(writing, replace(write_daily(writing, MONDAY.date()), readers=("duty", "leader")))
        assert daily is not None
        first = issue(writing, daily.id)
    for number in (1, 2):
        later = MONDAY + timedelta(hours=number)
        with lite.transaction() as transaction:
            draft = amend(a_writing(transaction, later), first.id, "遇难人数应为3人。")
            assert draft.paper.title == f"政务舆情日报更正（第{number}号）"
            issue(a_writing(transaction, later), draft.id)
    newest, *_, found = kept(lite)
    assert found == first
    assert (newest.amends, newest.number, newest.readers) == (first.id, 2, ("duty", "leader"))
    said = [s.said for s in newest.paper.sentences()]
    assert said[0] == "3月9日8时编发的《政务舆情日报》（2026年3月9日）有误：遇难人数应为3人。"
    assert sorted(alert.to for alert in told(lite, "paper")) == ["duty"] * 3 + ["leader"] * 3


@pytest.mark.parametrize(
    ("state", "reason", "refusal"),
    [
        (PaperState.DRAFT, "错了", "paper_not_issued"),
        (PaperState.DROPPED, "错了", "paper_not_issued"),
        (PaperState.ISSUED, "  ", "reason_missing"),
    ],
)
def test_what_cannot_be_amended_is_refused(lite: Store, state: PaperState, reason: str, refusal: str) -> None:
    with lite.transaction() as transaction:
        added = transaction.add_paper(replace(write_weekly(transaction), state=state))
        assert added is not None
        with pytest.raises(RefusedActError, match=refusal):
            amend(a_writing(transaction), added, reason)


@pytest.mark.parametrize("kind", list(PaperKind))
def test_every_kind_can_be_amended_and_one_amendment_waits_at_a_time(lite: Store, kind: PaperKind) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(detected_at=MONDAY - timedelta(days=3))))
        writing = a_writing(transaction)
        match kind:
            case PaperKind.DAILY:
                paper = write_daily(writing, MONDAY.date())
            case PaperKind.WEEKLY | PaperKind.MONTHLY:
                paper = write_periodic(writing, Term(kind), MONDAY.date())
            case _:
                paper = write_on_incident(writing, kind, 1)
        added = transaction.add_paper(replace(paper, state=PaperState.ISSUED))
        assert added is not None
        draft = amend(writing, added, "级别有误")
        assert (draft.kind, draft.subject, draft.number) == (kind, paper.subject, 1)
        assert draft.paper.dateline == paper.paper.dateline
        with pytest.raises(RefusedActError, match="paper_waits"):
            amend(writing, draft.amends or 0, "级别有误")


# -- words


def test_a_message_is_the_paper_as_it_was_written_with_a_link_to_its_files(lite: Store) -> None:
    begin(lite)
    queue_papers(a_setting(lite, OFFICE), (), MONDAY)
    [alert] = told(lite, "paper_review")
    with lite.reading() as transaction:
        text = paper_for(transaction, OFFICE, alert)
        bare = paper_for(transaction, replace(OFFICE, public_url=None), alert)
    assert text.subject.startswith("待审定：昌宁县人民政府办公室政务舆情周报（2026年3月2日至8日）")
    assert "https://desk.example/papers/1" in text.body
    assert "审定后才发给读者" in text.body
    assert "附图1幅，见值班台。" in bare.body
    assert text.html is not None
    assert "政务舆情周报" in text.html
    assert text.attach is not None
    assert [file.name for file in text.attach()] == [
        "待审定-政务舆情周报-2026-03-02.docx", "待审定-政务舆情周报-2026-03-02.pdf",
    ]  # fmt: skip


def test_the_files_of_a_paper_bear_no_words_of_anybody_else(lite: Store) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(title="../../=cmd|calc")))
    attach = replace(OFFICE, papers=replace(PLAN, attach=(PaperFile.DOCX,)))
    queue_flashes(a_setting(lite, attach), (), MONDAY)
    [alert, *_] = told(lite, "flash")
    with lite.reading() as transaction:
        text = paper_for(transaction, attach, alert)
    assert text.attach is not None
    assert [file.name for file in text.attach()] == ["舆情快报-第1号.docx"]


@pytest.mark.parametrize(
    ("office", "kind", "readers"),
    [
        (OFFICE, PaperKind.WEEKLY, ("leader",)),
        (OFFICE, PaperKind.MONTHLY, ("leader",)),
        (replace(OFFICE, digest_to=("duty",)), PaperKind.MONTHLY, ("duty",)),
        (OFFICE, PaperKind.FLASH, ("leader", "office_head")),
        (example_office(), PaperKind.SPECIAL, ("leader",)),
    ],
)
def test_who_reads_a_paper_is_named_for_it_or_for_the_digest(
    office: Office, kind: PaperKind, readers: Sequence[str]
) -> None:
    assert readers_of(office, kind) == readers
