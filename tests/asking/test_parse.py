"""A line of words means one thing, and a faulty one says what is wrong where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.asking.model import (
    EVERYTHING,
    AllOf,
    AnyOf,
    AskingError,
    Tree,
    Without,
    Word,
    holds,
    wanted_words,
)
from monitor.asking.parse import LONGEST, MOST_WORDS, parse


def w(text: str) -> Word:
    return Word(text=text)


def both(*parts: Tree) -> AllOf:
    return AllOf(parts=parts)


def either(*parts: Tree) -> AnyOf:
    return AnyOf(parts=parts)


def no(part: Tree) -> Without:
    return Without(part=part)


@pytest.mark.parametrize(
    ("line", "tree"),
    [
        ("", EVERYTHING),
        (" 　\n", EVERYTHING),
        ("停水", w("停水")),
        ("雨", w("雨")),
        ("停水 柯街", both(w("停水"), w("柯街"))),
        ("停水　与　柯街", both(w("停水"), w("柯街"))),
        ("停水 AND 柯街", both(w("停水"), w("柯街"))),
        ("停水 或 断水", either(w("停水"), w("断水"))),
        ("停水|断水", either(w("停水"), w("断水"))),
        ("停水 ｜ 断水 OR 水荒", either(w("停水"), w("断水"), w("水荒"))),
        ("停水 或 断水 柯街", either(w("停水"), both(w("断水"), w("柯街")))),
        ("（停水 或 断水）柯街", both(either(w("停水"), w("断水")), w("柯街"))),
        ("停水 -通知", both(w("停水"), no(w("通知")))),
        ("停水 非 通知", both(w("停水"), no(w("通知")))),
        ("NOT (通知 或 计划)", no(either(w("通知"), w("计划")))),
        ("－通知", no(w("通知"))),
        ("停水 与 非 通知", both(w("停水"), no(w("通知")))),
        ("“柯街 供水”", w("柯街 供水")),
        ('"或"', w("或")),
        ("「非」『与』", both(w("非"), w("与"))),
        ("柯街*", w("柯街")),
        ("柯街＊ G219", both(w("柯街"), w("G219"))),
        ("A-1", w("A-1")),
        ("或者", w("或者")),
        ("是非", w("是非")),
        ("%_", w("%_")),
    ],
)
def test_a_line_is_read_as_it_is_meant(line: str, tree: Tree) -> None:
    assert parse(line) == tree


@pytest.mark.parametrize(
    ("line", "column", "fault"),
    [
        ("(停水", 1, "缺少右括号"),
        ("停水 )", 4, "右括号多了一个"),
        ("停水）柯街", 3, "右括号多了一个"),
        ("停水 ()", 4, "括号里没有词"),
        ("停水 或", 4, "“或”后面缺少词"),
        ("| 停水", 1, "“|”前面缺少词"),
        ("停水 与 或 断水", 4, "“与”后面缺少词"),
        ("停水 -", 4, "“-”后面缺少词"),
        ("“停水", 1, "缺少右引号"),
        ("停水 “ ”", 4, "引号里没有字"),
        ("停水」", 3, "成对的引号"),
        ("滑*坡", 2, "只能写在词的末尾"),
        ("停水 *", 4, "前面缺少词"),
        ("停\x07水", 2, "控制字符"),
        ("停水 \ud800", 4, "控制字符"),
        ("-" * 30 + "停水", 21, "最多套"),
        ("(" * 30 + "停水" + ")" * 30, 21, "最多套"),
        ("水" * (LONGEST + 1), LONGEST + 1, "最长"),
        ("水 " * (MOST_WORDS + 1), 2 * MOST_WORDS + 1, "最多"),
    ],
)
def test_a_faulty_line_is_refused_with_its_place(line: str, column: int, fault: str) -> None:
    with pytest.raises(AskingError) as refused:
        parse(line)
    assert refused.value.column == column
    assert fault in str(refused.value)
    assert str(refused.value).startswith(f"第 {column} 个字：")


@given(st.text(st.sampled_from('停水 雨-－()（）|｜“”"「」*与或非ANDORT\t'), max_size=20))
def test_any_line_is_either_a_question_or_refused_within_it(line: str) -> None:
    column = 1
    try:
        parse(line)
    except AskingError as error:
        column = error.column or 0
    assert 1 <= column <= len(line) + 1


@pytest.mark.parametrize(
    ("line", "title", "text", "answer"),
    [
        ("ｇ219", "G２１９线", "", True),
        ("STRASSE", "", "Straße", True),
        ("停水", "停", "水", False),
        ("停水 -通知", "停水", "关于", True),
        ("停水 -通知", "停水", "通知", False),
        ("-通知", "", "", True),
        ("停水 或 -通知", "", "通知", False),
        ("，", "停水,通知", "", True),
    ],
)
def test_a_word_stands_in_the_title_or_in_the_text(line: str, title: str, text: str, answer: bool) -> None:
    assert holds(parse(line), title, text) is answer


def test_what_is_excluded_is_not_marked() -> None:
    assert wanted_words(parse("停水 或 Ｇ219 -(通知 或 -柯街) 停水")) == ("停水", "g219", "柯街")
