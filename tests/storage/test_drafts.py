"""Drafts of answers: versions and signatures are added, whole drafts come back, backups carry them."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.drafting.model import AnswerDraft, DraftKind, Opinion, Signature, Step, Wording
from monitor.drafting.review import begin, rewrite
from monitor.incidents.model import IncidentState
from monitor.ports import Store
from storage.backup import restore_backup, take_backup
from storage.engine import connect, open_store
from storage.errors import StoreError
from storage.retention import FORGOTTEN, count_old, forget_old
from tests.support.builders import T0, a_publication, after, an_incident, opening
from tests.support.databases import BOTH, fresh_database

FIRST = Wording(
    kind=DraftKind.DENIAL, title="关于“停水”的说明", text="经核实，\n供水正常。", channel="县政府网"
)


def signed(draft: AnswerDraft, step: Step, by: str, opinion: Opinion = Opinion.AGREE) -> AnswerDraft:
    given = Signature(version=1, step=step, opinion=opinion, reason="理由", by=by, at=after(minutes=5))
    return replace(draft, signatures=(*draft.signatures, given))


def with_an_incident(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(replace(opening(an_incident()), publications=(a_publication(id="1-p1"),)))


def a_history(store: Store) -> AnswerDraft:
    """Write a draft as people do, one addition after another; return it as it then is."""
    with_an_incident(store)
    draft = begin(1, 1, FIRST, "duty", T0)
    steps: list[Callable[[AnswerDraft], AnswerDraft]] = [
        lambda d: signed(d, Step.FIRST_REVIEW, "office_head"),
        lambda d: signed(d, Step.SECOND_REVIEW, "leader", Opinion.RETURN),
        lambda d: rewrite(d, replace(FIRST, text="经核实，供水正常，水质达标。"), 1, "duty", after(hours=1)),
        lambda d: replace(d, publication_id="1-p1", published_version=2),
    ]
    with store.transaction() as unit:
        unit.save_draft(draft, None)
    for step in steps:
        known, draft = draft, step(draft)
        with store.transaction() as unit:
            unit.save_draft(draft, known)
    return draft


def test_a_draft_comes_back_whole_in_order(store: Store) -> None:
    draft = a_history(store)
    second = begin(1, 2, replace(FIRST, kind=DraftKind.FOLLOW_UP), "office_head", after(hours=2))
    with store.transaction() as unit:
        unit.save_draft(second, None)
    with store.reading() as unit:
        assert unit.drafts(1) == (draft, second)
        assert unit.drafts(2) == ()


def test_nothing_new_is_kept_twice_and_nothing_is_lost_to_somebody_faster(store: Store) -> None:
    draft = a_history(store)
    with store.transaction() as unit:
        unit.save_draft(draft, draft)
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.save_draft(draft, replace(draft, versions=draft.versions[:1]))
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.save_draft(draft, None)
    with store.reading() as unit:
        assert unit.drafts(1) == (draft,)


def test_a_draft_belongs_to_an_incident(store: Store) -> None:
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.save_draft(begin(9, 1, FIRST, "duty", T0), None)


@pytest.mark.parametrize("to", BOTH)
def test_a_backup_carries_drafts_into_either_database(database_url: str, to: str, tmp_path: Path) -> None:
    with closing(open_store(database_url)) as store:
        draft = a_history(store)
    take_backup(database_url, tmp_path / "a.backup", {}, work=tmp_path / "var", now=T0)
    (tmp_path / "target").mkdir()
    with fresh_database(to, tmp_path / "target") as url:
        restore_backup(tmp_path / "a.backup", url, work=tmp_path / "var", now=T0)
        with closing(connect(url)) as restored, restored.reading() as unit:
            assert unit.drafts(1) == (draft,)


def test_retention_erases_the_words_of_what_was_never_published_and_keeps_who_signed(
    database_url: str,
) -> None:
    with closing(open_store(database_url)) as store:
        published = a_history(store)
        ended = an_incident(
            version=2,
            state=IncidentState.CLOSED,
            ended_at=after(hours=3),
            ended_by="leader",
            ended_reason="已处置",
        )
        with store.transaction() as unit:
            unit.save_draft(signed(begin(1, 2, FIRST, "duty", T0), Step.FIRST_REVIEW, "office_head"), None)
    assert count_old(database_url, after(days=1)).drafts == 0  # the incident is still open
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        unit.save(opening(ended, expected_version=1))
    assert count_old(database_url, after(days=1)).drafts == 1
    assert forget_old(database_url, after(days=1), after(days=2), "console").drafts == 1
    assert forget_old(database_url, after(days=1), after(days=2), "console").drafts == 0
    with closing(connect(database_url)) as store, store.reading() as unit:
        kept, erased = unit.drafts(1)
    assert kept == published
    assert (erased.newest.title, erased.newest.text) == (FORGOTTEN, "")
    assert [s.by for s in erased.signatures] == ["office_head"]
