"""YAML that people edit: what is read, and every fault with its exact line and column."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from monitor.errors import ConfigurationError
from monitor.yamlfile import (
    ClockRange,
    ClockTime,
    Instant,
    Length,
    LengthOrInstant,
    LocalInstant,
    SignedLength,
    YamlFile,
    between,
    read_length,
    read_yaml,
)


class Entry(YamlFile):
    id: str
    every: Annotated[Length, between("1m", "24h")] = timedelta(minutes=5)
    kind: Literal["feed", "page"] = "feed"
    rank: Annotated[int, Field(ge=1, le=10)] = 5
    secret: str = ""
    ratio: float = 0.5
    enabled: bool = True


class Sample(YamlFile):
    sources: tuple[Entry, ...] = ()
    rota: dict[int, tuple[str, ...]] = Field(default_factory=dict)
    note: str | None = None


class Times(YamlFile):
    length: Length | None = None
    jump: SignedLength | None = None
    instant: Instant | None = None
    local: LocalInstant | None = None
    at: LengthOrInstant | None = None
    clock: ClockTime | None = None
    quiet: ClockRange | None = None


def faults_of(text: str | bytes, env: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "a.yaml", Sample, env)
    return caught.value.faults


def test_all_faults_of_a_file_are_reported_at_once_in_its_order() -> None:
    text = (
        "rota: {1: [甲], 二: [乙]}\n"
        "sources:\n"
        "  - id: a\n"
        "    every: 0s\n"
        "  - id: b\n"
        "    every: 5m\n"
        "    every: 6m\n"
        "    secret: ${NOPE}\n"
        "    kind: pagee\n"
        "    oops: 1\n"
        "  - every: !!str 5m\n"
        "  - [1, 2]\n"
        "  - {id: 中文, rank: 11}\n"
    )
    assert faults_of(text, {}) == (
        'a.yaml:1:16: rota.二: 应为整数（现为 "二"）',
        'a.yaml:4:5: sources[0].every: 须在 1m 到 24h 之间（现为 "0s"）',
        "a.yaml:7:5: sources[1].every: 重复的键，第 6 行已有",
        "a.yaml:8:5: sources[1].secret: 环境变量 NOPE 没有设置（写在 .env 里）",
        "a.yaml:9:5: sources[1].kind: 只能是 'feed' 或 'page'（现为 \"pagee\"）",
        "a.yaml:10:5: sources[1].oops: 不认识的键",
        "a.yaml:11:5: sources[2].every: 不允许使用标签 !!str",
        "a.yaml:11:5: sources[2].id: 缺少这一项",
        "a.yaml:12:5: sources[3]: 应为键值对",
        "a.yaml:13:14: sources[4].rank: 不得大于 10（现为 11）",
    )


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "1:1", "文件是空的"),
        ("# 只有注释\n", "1:1", "文件是空的"),
        ("- a\n", "1:1", "应为键值对"),
        ("sources: [\n", "1:10", "方括号没有配对"),
        ("sources:\n  - id: a\n    note：某\n", "3:9", "冒号是全角的"),
        ("sources：\n  - id: a\n", "1:8", "冒号是全角的"),
        ("sources:\n  - id: a\n    note:\u3000某\n", "3:9", "冒号后面要空一格"),
        ("sources:\n  - id:a\n    note: b\n", "2:7", "冒号后面要空一格"),
        ("sources:\n  -id: a\n   note: b\n", "2:3", "短横线后面要空一格"),
        ("sources:\n\u3000\u3000- id: a\n", "2:1", "全角"),
        ("not: a\n", "1:1", "not: 不认识的键，是否指 note？"),
        ("note：: a\n", "1:1", "note：: 不认识的键：冒号是全角的"),
        ("sources: a\n", "1:1", "或写成 [甲, 乙]"),
        ("note: a: b\n", "1:8", "有冒号的文字要加引号"),
        ("sources:\n  - id: a\n   note: b\n", "3:4", "缩进不对"),
        ("note: 'a\n", "", "YAML 写法有误"),
        ("sources:\n\t- id: a\n", "2:1", "不能用制表符"),
        ("note: a\n---\nnote: b\n", "2:1", "只能有一份文档"),
        ("note: \x07\n", "1:7", "不允许的控制字符"),
        ("[a]: b\n", "1:1", "键必须是一个词"),
        ("note: *nowhere\n", "1:7", "没有定义"),
        ("sources: &a [*a]\n", "1:14", "没有定义、或尚未写完"),
        ("note: {a: b\n", "", "花括号"),
        ("note: " + "[" * 60 + "]" * 60, "1:47", "嵌套超过 40 层"),
        ("note: '" + "字" * 8_000_000 + "'", "1:1", "文件太大"),
        ("note: 县情\n".encode("gb18030"), "1:7", "不是 UTF-8 编码"),
        ("x: 1\n中文: 1\nnote: é\n".encode()[:-2], "3:7", "不是 UTF-8 编码"),
        ("note: [1]\n", "1:1", "note: 应为文字"),
        ("sources: {}\n", "1:1", "sources: 应为列表"),
        (
            "sources: [{id: a, enabled: maybe}]\n",
            "1:19",
            'sources[0].enabled: 应为 true 或 false（现为 "maybe"）',
        ),
        ("sources: [{id: a, ratio: .inf}]\n", "1:19", "sources[0].ratio"),
        ("sources: [{id: a, rank: 1.5}]\n", "1:19", "sources[0].rank: 应为整数"),
    ],
)
def test_a_fault_names_its_line_and_column(text: str | bytes, place: str, words: str) -> None:
    (fault,) = faults_of(text)
    assert fault.startswith(f"a.yaml:{place}")
    assert words in fault


def test_an_alias_bomb_is_stopped_before_it_grows() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    (fault,) = faults_of("\n".join(lines))
    assert fault.startswith("a.yaml:6:")
    assert "内容太多" in fault


def test_anchors_within_bounds_are_fine_and_their_faults_stand_where_they_are_used() -> None:
    file, _ = read_yaml("sources:\n  - &one {id: a}\n  - *one\n", "a.yaml", Sample)
    assert [entry.id for entry in file.sources] == ["a", "a"]
    assert faults_of("sources:\n  - &one {id: a, rank: 0}\n  - *one\n")[1].startswith(
        "a.yaml:3:5: sources[1].rank"
    )


def test_text_that_older_yaml_would_change_stays_text() -> None:
    file, _ = read_yaml("note: 22:00\nsources: [{id: no}, {id: 0875}, {id: 2026-01-02}]\n", "a.yaml", Sample)
    assert file.note == "22:00"
    assert [entry.id for entry in file.sources] == ["no", "0875", "2026-01-02"]


def test_a_number_may_stand_for_text_and_an_empty_key_for_an_empty_list() -> None:
    file, _ = read_yaml("﻿note: 530524\nsources:\nrota:\n".encode(), "a.yaml", Sample)
    assert file == Sample(note="530524")


def test_a_repeated_key_keeps_the_place_of_the_first() -> None:
    faults = faults_of("sources: []\nrota: {x: []}\nrota:\n  x: []\n")
    assert faults == (
        'a.yaml:2:8: rota.x: 应为整数（现为 "x"）',
        "a.yaml:3:1: rota: 重复的键，第 2 行已有",
    )


def test_names_of_the_environment_are_replaced_where_the_file_may_use_them() -> None:
    text = 'note: "${A}-${A}/$B"\nsources: [{id: a, rank: "${N}"}]\n'
    file, _ = read_yaml(text, "a.yaml", Sample, {"A": "x", "N": "7"})
    assert (file.note, file.sources[0].rank) == ("x-x/$B", 7)
    assert read_yaml("note: ${A}\n", "a.yaml", Sample)[0].note == "${A}"


def test_a_message_never_repeats_a_secret() -> None:
    text = "sources: [{id: a, secret: [hush], rank: '${PIN}', kind: hush, hush: hush}]\n"
    faults = faults_of(text.replace("kind: hush", "kind: loud").replace(", hush: hush", ""), {"PIN": "4711"})
    assert len(faults) == 3
    assert not any("hush" in fault or "4711" in fault for fault in faults)
    assert "${PIN}" in "".join(faults)


def test_a_fault_found_later_stands_at_its_path_or_near_it() -> None:
    _, places = read_yaml("sources:\n  - id: a\n    rank: 3\n", "a.yaml", Sample)
    error = places.error(
        [places.fault(("sources", 0, "kind"), "乙"), places.fault(("sources", 0, "id"), "甲")]
    )
    assert error.faults == ("a.yaml:2:5: sources[0].id: 甲", "a.yaml:2:5: sources[0].kind: 乙")


LENGTHS = [
    ("30s", timedelta(seconds=30)),
    ("5m", timedelta(minutes=5)),
    ("4h", timedelta(hours=4)),
    ("2d", timedelta(days=2)),
    ("1h30m", timedelta(minutes=90)),
    ("0m", timedelta(0)),
]


@pytest.mark.parametrize(("text", "length"), LENGTHS)
def test_a_length_is_read(text: str, length: timedelta) -> None:
    assert read_yaml(f"length: {text}", "a.yaml", Times)[0].length == length


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("jump: -10m", timedelta(minutes=-10)),
        ("instant: 2026-03-02T08:00:00+08:00", datetime(2026, 3, 2, tzinfo=UTC)),
        ("instant: 2026-03-02T00:00:00Z", datetime(2026, 3, 2, tzinfo=UTC)),
        ("local: 2026-03-02 08:00", datetime(2026, 3, 2, tzinfo=UTC)),
        ("local: 2026-03-02T08:00:00+09:00", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("at: 21h36m", timedelta(hours=21, minutes=36)),
        ("at: 2026-03-02T08:00:00+08:00", datetime(2026, 3, 2, tzinfo=UTC)),
        ("clock: 8:05", time(8, 5)),
        ("clock: 22:00", time(22)),
        ("quiet: 22:00-07:00", (time(22), time(7))),
        ("quiet: 22:00—07:00", (time(22), time(7))),
    ],
)
def test_times_are_read_as_people_write_them(text: str, value: Any) -> None:
    file, _ = read_yaml(text, "a.yaml", Times)
    assert getattr(file, text.split(":")[0]) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("length: 5", "应为时长"),
        ("length: 5 minutes", "应为时长"),
        ("length: ''", "应为时长"),
        ("length: -5m", "时长不得为负"),
        ("length: 99999999999s", "应为时长"),
        ("instant: 2026-03-02T08:00:00", "时刻须带时区"),
        ("instant: 1772400000", "应为时刻"),
        ("instant: 明天", "应为时刻"),
        ("local: 2026-02-30 08:00", "应为时刻"),
        ("at: soon", "应为时刻"),
        ("at: -5m", "时长不得为负"),
        ("clock: 24:00", "应为钟点"),
        ("clock: 800", "应为钟点"),
        ("quiet: 22:00", "应为起止钟点"),
        ("quiet: 22:00-25:00", "应为钟点"),
        ("quiet: 07:00-07:00", "起止钟点不能相同"),
    ],
)
def test_a_time_written_otherwise_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "a.yaml", Times)
    (fault,) = caught.value.faults
    assert fault.startswith("a.yaml:1:1: ")
    assert words in fault


def test_times_may_also_be_given_as_values() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    length = timedelta(minutes=5)
    times = Times(length=length, jump=-length, instant=at, local=at, at=length)
    assert (times.length, times.jump, times.instant, times.local, times.at) == (
        length,
        -length,
        at,
        at,
        length,
    )


@given(st.integers(0, 99_999_999))
def test_every_length_in_seconds_is_read_back(seconds: int) -> None:
    assert read_length(f"{seconds}s") == timedelta(seconds=seconds)


PLAIN = st.recursive(
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)
    | st.integers(-1000, 1000)
    | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc键", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


class Anything(YamlFile):
    value: Any


@given(PLAIN)
def test_plain_data_is_read_as_it_was_written(value: Any) -> None:
    text = json.dumps({"value": value}, ensure_ascii=False)  # JSON is YAML
    file, _ = read_yaml(text, "a.yaml", Anything)
    assert file.value == value


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_whatever_is_in_the_file_it_is_read_or_refused_with_a_place(text: str | bytes) -> None:
    faults: tuple[str, ...] = ()
    try:
        read_yaml(text, "a.yaml", Sample, {})
    except ConfigurationError as error:
        faults = error.faults
    assert all(fault.startswith("a.yaml:") for fault in faults)
