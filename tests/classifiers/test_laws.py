"""Laws that hold for every text: spans, parts, order, bounds of what is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.model import Evidence, Verdict
from monitor.classifiers.passage import HEAD, LONGEST, TAIL, TITLE, read_passage
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.office.example import example_territory

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
LEXICON = load_lexicon()
JUDGE = Judge(LEXICON, load_table(), example_territory())

PHRASES = st.sampled_from(
    [
        "昌宁县发生火灾", "造成3人死亡", "２ 人 受伤", "，", "。", "其中1人重伤", "\n", "22日19时许", "網傳",
        "傷亡 5 人", "柯街镇", "据通报", "（男2人、女1人）", "消防出动30人", "……", "𠮷", "😀",
        "直接经济损失1000万元", "曾", "演练", "山体滑坡",
    ]
)  # fmt: skip
TEXTS = st.lists(PHRASES, max_size=12).map("".join)


def judge(title: str, text: str) -> Verdict:
    return JUDGE.judge(
        title=title, text=text, published_at=NOW, source_name=None, role=None, scope=None, now=NOW
    )


def stands_there(proof: Evidence, title: str, text: str) -> bool:
    source = title if proof.where == "title" else text
    return source[proof.start : proof.end] == proof.text != ""


@given(TEXTS, TEXTS)
def test_evidence_is_the_text_at_its_place(title: str, text: str) -> None:
    assert all(stands_there(proof, title, text) for proof in judge(title, text).evidence)


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_at_all_gets_a_verdict(title: str, text: str) -> None:
    verdict = judge(title, text)
    assert (verdict.window_hours is None) is not verdict.matter


@given(st.integers(2, 60), st.data())
def test_parts_never_raise_a_total(total: int, data: st.DataObject) -> None:
    serious = data.draw(st.integers(1, total))
    slight = data.draw(st.integers(0, total - serious))
    bare = f"昌宁县一客车侧翻，造成{total}人受伤"
    parts = f"，其中{serious}人重伤" + (f"、{slight}人轻伤" if slight else "")
    assert judge("", f"{bare}。").figures.value("injuries") == total
    assert judge("", f"{bare}{parts}。").figures.value("injuries") == total


@given(
    st.permutations(["昌宁县发生火灾，已造成5人死亡。", "记者获悉，火灾共造成5人死亡。", "救援正在进行。"])
)
def test_the_order_of_sentences_about_one_total_does_not_change_it(sentences: list[str]) -> None:
    assert judge("", "".join(sentences)).figures.value("deaths") == 5


@given(st.integers(0, 40), st.integers(1, 40))
def test_a_higher_toll_is_never_graded_milder(deaths: int, more: int) -> None:
    before = judge("", f"昌宁县发生火灾，造成{deaths}人死亡。").severity
    after = judge("", f"昌宁县发生火灾，造成{deaths + more}人死亡。").severity
    assert before is None or (after is not None and after.at_least(before))


def test_only_the_head_and_the_tail_of_a_long_text_are_read() -> None:
    filler = "今日天气晴好。" * 2000
    hidden = filler[: HEAD + 500] + "昌宁县发生火灾，造成3人死亡。" + filler[: TAIL + 500]
    assert judge("", hidden).matter is False
    assert judge("", hidden).truncated is True
    shown = filler[:HEAD] + filler + "昌宁县发生火灾，造成3人死亡。"
    verdict = judge("", shown)
    assert verdict.figures.value("deaths") == 3
    assert all(stands_there(proof, "", shown) for proof in verdict.evidence)


def test_a_passage_keeps_the_way_back_to_the_original(lexicon: Lexicon) -> None:
    passage = read_passage("昌寧", "火 災２ 人死亡", lexicon.spelling)
    assert passage.text == "昌宁\n火 灾2人死亡"
    proof = passage.evidence("deaths", 6, 10)
    assert proof is not None
    assert (proof.text, proof.start, proof.end, proof.where) == ("２ 人死亡", 3, 8, "text")


def test_words_that_cross_from_title_to_text_prove_nothing(lexicon: Lexicon) -> None:
    passage = read_passage("昌宁", "火灾", lexicon.spelling)
    assert passage.evidence("event_type", 0, 5) is None


@pytest.mark.parametrize(
    "filler",
    ["9", "（", "）（", "《", "火灾", "3人死亡", "a昌ж宁ب火", "😀🔥", "\x00\x07\x1b", "，", "\n", "２ "],
)
def test_of_a_megabyte_of_anything_a_bounded_part_is_read(filler: str) -> None:
    text = filler * (1_000_000 // len(filler))
    passage = read_passage("", text, LEXICON.spelling)
    assert len(passage.text) <= TITLE + HEAD + TAIL + 4
    assert max((len(sentence.text) for sentence in passage.sentences()), default=0) <= LONGEST
    verdict = judge("", text)
    assert verdict.truncated
    assert all(stands_there(proof, "", text) for proof in verdict.evidence)
