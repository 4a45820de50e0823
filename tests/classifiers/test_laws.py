"""Laws that hold for every text: spans, parts, order, bounds of what is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.grade import grade_figures
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.model import Evidence, Verdict
from monitor.classifiers.passage import HEAD, LONGEST, TAIL, TITLE, read_passage
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.office.example import example_territory
from tests.support.dictionary import dictionary_folder

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
LEXICON = load_lexicon()
JUDGE = Judge(LEXICON, load_table(), example_territory(), cache_dir=dictionary_folder())

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


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["今日天气晴好。", "🌞 ２ 天 ", "一段没有标点的话"]))
def test_evidence_of_a_truncated_text_is_there_too(title: str, head: str, tail: str, filler: str) -> None:
    text = head + filler * (1 + (HEAD + TAIL) // len(filler)) + tail + "昌宁县发生火灾，造成3人死亡。"
    verdict = judge(title, text)
    assert verdict.truncated
    assert all(stands_there(proof, title, text) for proof in verdict.evidence)


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


# A total, and parts of it as news puts them behind.
WHOLES = [
    ("deaths", "死亡"),
    ("deaths", "遇难"),
    ("injuries", "受伤"),
    ("missing", "失联"),
    ("trapped", "被困"),
]
PARTS = [
    "，其中{n}人为学生",
    "（其中儿童{n}人）",
    "，其中包括{n}名老人",
    "（含{n}名儿童）",
    "，其中{n}人当场{word}",
    "，其中{n}名儿童{word}",
]


@given(st.sampled_from(WHOLES), st.integers(2, 60), st.sampled_from(PARTS), st.integers(1, 60))
def test_a_part_of_any_kind_leaves_the_total(whole: tuple[str, str], total: int, part: str, n: int) -> None:
    metric, word = whole
    verdict = judge(
        "", f"昌宁县一煤矿发生透水事故，{total}人{word}{part.format(n=min(n, total), word=word)}。"
    )
    assert verdict.figures.value(metric) == total


@given(st.data(), st.integers(1, 99), st.integers(1, 99))
def test_the_order_of_sentences_does_not_change_their_totals(
    data: st.DataObject, deaths: int, injuries: int
) -> None:
    at_once = data.draw(st.integers(1, deaths))
    sentences = [
        f"{at_once}人当场死亡。",
        f"昌宁县发生火灾，已造成{deaths}人死亡。",
        f"记者获悉，火灾共造成{deaths}人死亡。",
        f"目前{injuries}人受伤。",
        f"火灾造成的伤者共{injuries}人。",
        "直接经济损失1200万元。",
        "救援正在进行。",
    ]
    figures = judge("", "".join(data.draw(st.permutations(sentences)))).figures
    found = [figures.value(metric) for metric in ("deaths", "injuries", "direct_loss_wan")]
    assert found == [deaths, injuries, 1200]


# What grades, as news says it: a lead that fixes the event type, and its figure.
GRADED = [
    ("昌宁县发生火灾，造成{n}人死亡。", 60),
    ("昌宁县发生火灾，造成{n}人重伤。", 200),
    ("昌宁县一客车侧翻，{n}人受伤。", 200),
    ("昌宁县一快艇翻沉，{n}人失踪。", 60),
    ("昌宁县一煤矿透水，{n}人失联。", 60),
    ("昌宁县发生火灾，直接财产损失{n}万元。", 20_000),
    ("昌宁县发生山体滑坡，直接经济损失{n}万元。", 2_000),
    ("昌宁县一中学发生食物中毒，{n}人呕吐。", 300),
    ("昌宁县一鞋厂发生急性职业中毒，{n}人中毒。", 100),
    ("昌宁县发生水污染事件，疏散群众{n}人。", 60_000),
    ("昌宁县发生群体性事件，{n}人聚集。", 9_000),
    ("昌宁县发生森林火灾，受害森林面积{n}公顷。", 2_000),
    ("昌宁县发生森林火灾，过火面积{n}公顷。", 2_000),
    ("昌宁县发生草原火灾，受害草原面积{n}公顷。", 9_000),
    ("昌宁县某平台数据泄露，泄露个人信息{n}万条。", 20_000),
]


@given(st.sampled_from(GRADED), st.data())
def test_a_higher_figure_is_never_graded_milder(graded: tuple[str, int], data: st.DataObject) -> None:
    template, limit = graded
    fewer, more = sorted(data.draw(st.tuples(st.integers(1, limit), st.integers(1, limit))))
    before, after = judge("", template.format(n=fewer)), judge("", template.format(n=more))
    assert before.event_type == after.event_type is not None
    for lower, higher in ((before.grade.confirmed, after.grade.confirmed), (before.severity, after.severity)):
        assert lower is None or (higher is not None and higher.at_least(lower))


@given(st.integers(10, 90), st.integers(0, 10))
def test_a_stronger_earthquake_is_never_graded_milder(tenths: int, more: int) -> None:
    weak, strong = (judge("", f"昌宁县发生{n / 10:.1f}级地震。") for n in (tenths, min(tenths + more, 99)))
    assert weak.severity is None or (strong.severity is not None and strong.severity.at_least(weak.severity))


@given(st.integers(1, 120))
def test_from_up_includes_its_number_and_below_does_not(number: int) -> None:
    exactly = judge("", f"昌宁县发生火灾，造成{number}人死亡。").grade
    least = judge("", f"昌宁县发生火灾，造成{number}人以上死亡。")
    most = judge("", f"昌宁县发生火灾，造成{number}人以下死亡。").figures.counts["deaths"]
    assert (least.grade.confirmed, least.figures.counts["deaths"].low) == (exactly.confirmed, number)
    assert least.figures.counts["deaths"].high is None
    assert (most.low, most.high) == (1, max(1, number - 1))


HAN = "零一二三四五六七八九"
EVENTS = [("发生火灾", "fire"), ("一客车坠崖", "road_traffic"), ("发生山体滑坡", "geological")]
ORDERS = [
    "造成{dead}人死亡、{hurt}人受伤、{gone}人失踪。",
    "死亡{dead}人，受伤{hurt}人，失踪{gone}人。",
    "{dead}人遇难，{gone}人失联，另有{hurt}人受伤。",
    "致{dead}死{hurt}伤{gone}失踪。",
    "已有{dead}人死亡。目前{hurt}人受伤送医，{gone}人下落不明。",
]


def spelled(number: int, *, in_han: bool) -> str:
    if not in_han:
        return str(number)
    tens, ones = divmod(number, 10)
    ten = ("" if tens < 2 else HAN[tens]) + "十" if tens else ""
    return ten + (HAN[ones] if ones or not tens else "")


@given(
    st.sampled_from(EVENTS),
    st.sampled_from(ORDERS),
    st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)),
    st.booleans(),
)
def test_what_is_written_is_read(
    event: tuple[str, str], order: str, numbers: tuple[int, int, int], in_han: bool
) -> None:
    happened, event_type = event
    dead, hurt, gone = (spelled(number, in_han=in_han) for number in numbers)
    verdict = judge("", f"昌宁县{happened}，" + order.format(dead=dead, hurt=hurt, gone=gone))
    found = tuple(verdict.figures.value(metric) for metric in ("deaths", "injuries", "missing"))
    assert (verdict.event_type, found) == (event_type, numbers)
    assert verdict.grade == grade_figures(verdict.figures, event_type, JUDGE.table)


def test_only_the_head_and_the_tail_of_a_long_text_are_read() -> None:
    filler = "今日天气晴好。" * 2000
    hidden = filler[: HEAD + 500] + "昌宁县发生火灾，造成3人死亡。" + filler[: TAIL + 500]
    assert judge("", hidden).matter is False
    assert judge("", hidden).truncated is True
    shown = filler[:HEAD] + filler + "昌宁县发生火灾，造成3人死亡。"
    verdict = judge("", shown)
    assert verdict.figures.value("deaths") == 3
    assert {"昌宁县", "火灾", "3人死亡"} <= {proof.text for proof in verdict.evidence}
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
