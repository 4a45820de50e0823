"""Drafts through the pipeline: two people at once, and what stands in the journal, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from monitor.drafting.model import DraftConflictError, DraftKind, Opinion, Step, Wording
from monitor.errors import RefusedActError
from monitor.pipeline.drafting import Drafting
from monitor.ports import Store
from storage.engine import open_store
from tests.support.builders import after, an_incident, opening
from tests.support.clock import SimulatedClock
from tests.support.setting import a_setting

FIRST = Wording(kind=DraftKind.NOTICE, title="情况通报", text="道路已抢通。")


def drafting(store: Store) -> Drafting:
    return Drafting(a_setting(store), SimulatedClock(after(hours=1)))


def sign(on: Drafting, by: str) -> str:
    """Sign the first review; return what came of it."""
    try:
        on.sign_draft(
            1, 1, version=1, step=Step.FIRST_REVIEW, opinion=Opinion.AGREE, reason="", by=by, via="desk"
        )
    except RefusedActError as error:
        return error.reason
    return "signed"


def write(on: Drafting, text: str) -> str:
    wording = Wording(kind=DraftKind.NOTICE, title="情况通报", text=text)
    try:
        on.write_draft(1, wording, number=1, base=1, by="duty", via="desk")
    except DraftConflictError:
        return "conflict"
    return "written"


def test_of_two_people_at_once_one_signs_and_one_writes_and_nothing_is_lost(database_url: str) -> None:
    with closing(open_store(database_url)) as one, closing(open_store(database_url)) as other:
        with one.transaction() as unit:
            unit.save(opening(an_incident()))
        drafting(one).write_draft(1, FIRST, number=None, base=0, by="duty", via="desk")
        desks = [drafting(one), drafting(other)]
        with ThreadPoolExecutor(2) as pool:
            signing = pool.map(sign, desks, ["office_head", "leader"])
            assert sorted(signing) == ["signed", "step_signed"]
            writing = pool.map(write, desks, ["道路已全部抢通。", "道路已单向放行。"])
            assert sorted(writing) == ["conflict", "written"]
        with one.reading() as unit:
            [draft] = unit.drafts(1)
            told = [a.reason for a in unit.alerts_of(1)]
    assert (len(draft.signatures), len(draft.versions)) == (1, 2)
    assert set(told) == {"draft_to_review"}
