"""三审三校 and 保密审查: who may sign what when, and that nothing is ever ready without all of them."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.drafting.model import (
    AnswerDraft,
    DraftConflictError,
    DraftKind,
    DraftVersion,
    Opinion,
    Signature,
    Step,
    Wording,
    unless_withdrawn,
)
from monitor.drafting.review import (
    NEEDS,
    RANK,
    REVIEWS,
    begin,
    gaps,
    is_ready,
    next_steps,
    publish,
    returned_by,
    rewrite,
    settled,
    sign,
    signed_after,
    standing,
)
from monitor.errors import RefusedActError
from monitor.incidents.model import PublicationState
from tests.support.builders import T0, a_publication, after

RANKS = {
    "department": 1,
    "writer": 1,
    "editor": 1,
    "head": 2,
    "deputy": 2,
    "leader": 3,
    "chief": 3,
    "clerk": 0,
}
WORDING = Wording(kind=DraftKind.NOTICE, title="情况通报", text="经核实，道路已抢通。")
LAWFUL = (
    (Step.FIRST_REVIEW, "editor"),
    (Step.FIRST_PROOF, "editor"),
    (Step.SECOND_REVIEW, "head"),
    (Step.SECOND_PROOF, "editor"),
    (Step.SECRECY_REVIEW, "head"),
    (Step.FINAL_REVIEW, "leader"),
    (Step.FINAL_PROOF, "head"),
)


def drafted(wording: Wording = WORDING, by: str = "writer") -> AnswerDraft:
    return begin(1, 1, wording, by, T0)


def signed(
    draft: AnswerDraft,
    step: Step,
    by: str,
    opinion: Opinion = Opinion.AGREE,
    reason: str = "不涉密",
    version: int | None = None,
) -> AnswerDraft:
    wanted = Signature(
        version=version or draft.newest.number, step=step, opinion=opinion, reason=reason, by=by, at=T0
    )
    return sign(draft, wanted, RANKS[by])


def after_steps(count: int, wording: Wording = WORDING) -> AnswerDraft:
    draft = drafted(wording)
    for step, by in LAWFUL[:count]:
        draft = signed(draft, step, by)
    return draft


def test_signed_in_the_order_of_the_paper_it_is_ready() -> None:
    for count in range(len(LAWFUL)):
        draft = after_steps(count)
        assert not is_ready(draft)
        assert LAWFUL[count][0] in next_steps(draft)
    assert is_ready(after_steps(len(LAWFUL)))
    assert next_steps(after_steps(len(LAWFUL))) == ()


def test_the_second_and_the_secrecy_review_may_be_given_in_either_order() -> None:
    assert next_steps(drafted()) == (Step.FIRST_REVIEW, Step.SECRECY_REVIEW)


REFUSED = [
    pytest.param(0, Step.FIRST_REVIEW, "writer", "own_text", id="the author"),
    pytest.param(0, Step.FIRST_REVIEW, "clerk", "not_a_reviewer", id="on no level"),
    pytest.param(0, Step.FIRST_PROOF, "editor", "step_too_early", id="a proof before its review"),
    pytest.param(1, Step.SECOND_REVIEW, "head", "step_too_early", id="a review before the proof of the last"),
    pytest.param(2, Step.SECOND_REVIEW, "department", "needs_head", id="a department reviews as head"),
    pytest.param(2, Step.SECRECY_REVIEW, "department", "needs_head", id="a department reviews secrecy"),
    pytest.param(4, Step.FINAL_REVIEW, "leader", "step_too_early", id="final before secrecy"),
    pytest.param(5, Step.FINAL_REVIEW, "deputy", "needs_level_3", id="a head gives the final word"),
    pytest.param(2, Step.FIRST_REVIEW, "department", "step_signed", id="signed by somebody else"),
    pytest.param(7, Step.FINAL_PROOF, "editor", "step_signed", id="all signed"),
]


@pytest.mark.parametrize(("steps", "step", "by", "reason"), REFUSED)
def test_what_is_not_lawful_is_refused_with_its_reason(steps: int, step: Step, by: str, reason: str) -> None:
    with pytest.raises(RefusedActError) as refused:
        signed(after_steps(steps), step, by)
    assert refused.value.reason == reason


def test_the_three_reviews_are_of_three_people() -> None:
    draft = signed(drafted(), Step.FIRST_REVIEW, "leader")
    draft = signed(draft, Step.FIRST_PROOF, "leader")
    with pytest.raises(RefusedActError, match="reviewed_before"):
        signed(draft, Step.SECOND_REVIEW, "leader")
    draft = signed(signed(draft, Step.SECOND_REVIEW, "head"), Step.SECOND_PROOF, "head")
    draft = signed(draft, Step.SECRECY_REVIEW, "leader")
    with pytest.raises(RefusedActError, match="reviewed_before"):
        signed(draft, Step.FINAL_REVIEW, "leader")
    assert standing(signed(draft, Step.FINAL_REVIEW, "chief"))[Step.FINAL_REVIEW].by == "chief"


def test_a_new_version_voids_every_signature_and_they_stay_on_record() -> None:
    ready = after_steps(7)
    newer = rewrite(ready, replace(WORDING, text="经核实，道路未抢通。"), 1, "editor", after(hours=1))
    assert (is_ready(newer), standing(newer), newer.signatures) == (False, {}, ready.signatures)
    assert (newer.newest.number, newer.versions[0]) == (2, ready.newest)
    with pytest.raises(DraftConflictError):
        signed(newer, Step.FIRST_REVIEW, "head", version=1)


def test_signing_twice_changes_nothing() -> None:
    for count, (step, by) in enumerate(LAWFUL, start=1):
        draft = after_steps(count)
        assert signed(draft, step, by) is draft


def test_what_was_sent_back_can_only_be_written_anew() -> None:
    back = signed(after_steps(2), Step.SECOND_REVIEW, "head", Opinion.RETURN, "数据缺来源")
    assert next_steps(back) == ()
    assert returned_by(back) == back.signatures[-1]
    assert signed(back, Step.SECOND_REVIEW, "head", Opinion.RETURN, "数据缺来源") is back
    for step, by in ((Step.SECOND_REVIEW, "head"), (Step.SECRECY_REVIEW, "deputy")):
        with pytest.raises(RefusedActError, match="draft_returned"):
            signed(back, step, by)
    again = rewrite(back, replace(WORDING, text="据县应急局，道路已抢通。"), 1, "writer", T0)
    assert next_steps(again) == (Step.FIRST_REVIEW, Step.SECRECY_REVIEW)


def test_sending_back_needs_a_reason_and_secrecy_a_record() -> None:
    for step, by, opinion in (
        (Step.FIRST_REVIEW, "editor", Opinion.RETURN),
        (Step.SECRECY_REVIEW, "head", Opinion.AGREE),
    ):
        with pytest.raises(RefusedActError, match="reason_missing"):
            signed(drafted(), step, by, opinion, reason=" ")


def test_whoever_agreed_may_think_better_of_it_until_it_is_published() -> None:
    ready = after_steps(7)
    back = signed(ready, Step.FIRST_REVIEW, "editor", Opinion.RETURN, "又有新情况")
    assert not is_ready(back)
    with pytest.raises(RefusedActError, match="draft_published"):
        signed(publish(ready, "1-p1"), Step.FIRST_REVIEW, "editor", Opinion.RETURN, "又有新情况")


@pytest.mark.parametrize("where", ["title", "text"])
def test_a_text_with_gaps_never_passes_the_final_review(where: str) -> None:
    gap = "【待填：受伤人数】"
    wording = replace(WORDING, title=f"受伤{gap}") if where == "title" else replace(WORDING, text=gap)
    draft = after_steps(5, wording)
    with pytest.raises(RefusedActError, match="gaps_left"):
        signed(draft, Step.FINAL_REVIEW, "leader")
    assert returned_by(signed(draft, Step.FINAL_REVIEW, "leader", Opinion.RETURN, "补数据")) is not None


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("没有空。也没有", (), "没有空。也没有"),
        ("先说。死亡【待填：几人。】，再说。后说", ("【待填：几人。】",), "先说。后说"),
        ("【待填】和【待填没写完", ("【待填】", "【待填没写完"), ""),
    ],
)
def test_gaps_are_found_closed_or_not_and_their_sentences_say_nothing_yet(
    text: str, found: tuple[str, ...], rest: str
) -> None:
    assert gaps(text) == found
    assert settled(text) == rest


def test_a_text_written_over_another_version_conflicts_and_the_same_text_is_nothing_new() -> None:
    first = drafted()
    second = rewrite(first, replace(WORDING, text="第二版"), 1, "editor", T0)
    with pytest.raises(DraftConflictError) as conflict:
        rewrite(second, replace(WORDING, text="也从第一版改来"), 1, "writer", T0)
    assert conflict.value.draft is second
    assert rewrite(second, replace(WORDING, text="第二版"), 1, "writer", T0) is second


@pytest.mark.parametrize(
    ("title", "text", "reason"), [(" ", "正文", "title_missing"), ("标题", "\n", "text_missing")]
)
def test_a_version_says_something(title: str, text: str, reason: str) -> None:
    with pytest.raises(RefusedActError, match=reason):
        drafted(Wording(kind=DraftKind.DENIAL, title=title, text=text))


def test_only_what_is_ready_is_published_once_and_then_written_no_more() -> None:
    with pytest.raises(RefusedActError, match="draft_not_ready"):
        publish(after_steps(6), "1-p1")
    published = publish(after_steps(7), "1-p1")
    assert (published.publication_id, published.published_version) == ("1-p1", 1)
    with pytest.raises(RefusedActError, match="draft_published"):
        publish(published, "1-p2")
    with pytest.raises(RefusedActError, match="draft_published"):
        rewrite(published, replace(WORDING, text="改"), 1, "writer", T0)


def test_a_publication_taken_back_frees_its_draft() -> None:
    published = publish(after_steps(7), "1-p1")
    accepted = a_publication(id="1-p1")
    assert unless_withdrawn([published], [accepted]) == (published,)
    withdrawn = replace(accepted, state=PublicationState.WITHDRAWN)
    assert unless_withdrawn([published], [withdrawn]) == (after_steps(7),)


@pytest.mark.parametrize(("minutes", "is_late"), [(-1, True), (0, False), (1, False)])
def test_a_signature_after_the_publication_is_no_review_before_it(minutes: int, is_late: bool) -> None:
    published = publish(after_steps(7), "1-p1")
    assert signed_after(published, after(minutes=minutes)) == is_late


ACTS = st.one_of(
    st.tuples(
        st.just("write"), st.sampled_from(sorted(RANKS)), st.sampled_from(["甲", "乙", "【待填：丙】"])
    ),
    st.tuples(
        st.sampled_from(sorted(Step)),
        st.sampled_from(sorted(RANKS)),
        st.sampled_from([Opinion.AGREE, Opinion.AGREE, Opinion.AGREE, Opinion.RETURN]),
    ),
    # Whoever may do the next lawful thing, so that long histories come to an end as well.
    st.tuples(st.just("next"), st.sampled_from(sorted(RANKS)), st.just(Opinion.AGREE)),
)


def perform(draft: AnswerDraft, act: tuple[str, str, str]) -> AnswerDraft:
    what, by, how = act
    try:
        if what == "write":
            return rewrite(draft, replace(WORDING, text=how), draft.newest.number, by, T0)
        steps = next_steps(draft)
        step = Step(what) if what != "next" else steps[0] if steps else Step.FIRST_REVIEW
        return signed(draft, step, by, Opinion(how))
    except RefusedActError:
        return draft


@given(st.lists(ACTS, max_size=40))
def test_whatever_people_do_nothing_is_ready_without_every_lawful_signature(
    history: list[tuple[str, str, str]],
) -> None:
    draft = drafted()
    for act in history:
        before, draft = draft, perform(draft, act)
        assert draft.versions[: len(before.versions)] == before.versions
        assert draft.signatures[: len(before.signatures)] == before.signatures
        if is_ready(draft):
            _assert_lawful(draft, draft.newest)


def _assert_lawful(draft: AnswerDraft, version: DraftVersion) -> None:
    given_ = [s for s in draft.signatures if s.version == version.number]
    assert {s.step for s in given_} == set(Step)
    assert all(s.opinion is Opinion.AGREE for s in given_)
    assert all(s.by != version.author and RANKS[s.by] >= RANK[s.step] for s in given_)
    assert len({s.by for s in given_ if s.step in REVIEWS}) == len(REVIEWS)
    order = [s.step for s in given_]
    assert all(order.index(need) < order.index(step) for step in Step for need in NEEDS[step])
    assert "【待填" not in version.text


def test_random_histories_do_come_to_an_end() -> None:
    draft = drafted()
    for by in ("editor", "editor", "head", "head", "head", "leader", "editor"):
        draft = perform(draft, ("next", by, "agree"))
    assert is_ready(draft)
    assert all(a.version == b.version for a, b in pairwise(draft.signatures))
