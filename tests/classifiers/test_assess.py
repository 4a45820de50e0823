"""`huiying assess`: one line out for each line in, faulty ones named by their number."""

import json
from datetime import UTC, datetime

import pytest

from monitor.classifiers.assess import METRICS, assess_lines, explain_lines
from monitor.classifiers.judge import Judge

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
GOOD = {
    "id": "a",
    "title": "昌宁县一民房起火致2人死亡",
    "text": "",
    "published_at": "2026-11-24T08:00:00+08:00",
}
FIELDS = (
    "id matter live not_live_reason local places category event_type basis_61 truncated opinion occurred_at",
    "occurred_precision background figures severity severity_precautionary standard window_hours sentiment",
    "score evidence",
)
NAMES = " ".join(FIELDS).split()


def assess(judge: Judge, *lines: str) -> list[tuple[dict[str, object], bool]]:
    return [(json.loads(line), is_item) for line, is_item in assess_lines(lines, judge, NOW)]


def test_every_field_of_the_contract_is_there(judge: Judge) -> None:
    ((out, is_item),) = assess(judge, json.dumps(GOOD))
    assert is_item
    assert [name for name in NAMES if name not in out] == []
    figures = out["figures"]
    assert isinstance(figures, dict)
    assert [metric for metric in METRICS if metric not in figures] == []
    assert (figures["deaths"], out["severity"], out["window_hours"]) == (2, 4, 48)
    assert out["standard"] == "FIRE2007: deaths >= 1 (S54)"


def test_an_item_that_is_no_matter_has_all_fields_too(judge: Judge) -> None:
    ((out, _),) = assess(judge, json.dumps({"id": "b", "title": "今日晴", "text": ""}))
    assert [name for name in NAMES if name not in out] == []
    assert (out["matter"], out["window_hours"], out["evidence"]) == (False, None, [])


@pytest.mark.parametrize(
    "line",
    [
        "{not json",
        "[1, 2]",
        json.dumps({"id": "b", "title": "", "text": ""}),
        json.dumps({"title": "没有编号"}),
        json.dumps({"id": "b", "title": 5}),
        json.dumps({**GOOD, "published_at": "昨天"}),
        json.dumps({**GOOD, "role": "friend"}),
        json.dumps({**GOOD, "heat": "hot"}),
        json.dumps({**GOOD, "source": 7}),
    ],
)
def test_a_faulty_line_is_named_and_the_rest_goes_on(judge: Judge, line: str) -> None:
    answers = assess(judge, json.dumps(GOOD), line, json.dumps({**GOOD, "id": "z"}))
    assert [is_item for _, is_item in answers] == [True, False, True]
    assert (answers[0][0]["id"], answers[1][0]["line"], answers[2][0]["id"]) == ("a", 2, "z")
    assert answers[1][0]["error"]


def test_a_past_event_is_background_and_the_main_fields_stay_empty(judge: Judge) -> None:
    item = {**GOOD, "title": "", "text": "2015年3月2日，昌宁县发生火灾，造成3人死亡。"}
    ((out, _),) = assess(judge, json.dumps(item))
    assert (out["live"], out["not_live_reason"], out["severity"]) == (False, "history", None)
    background = out["background"]
    assert isinstance(background, dict)
    assert (background["figures"]["deaths"], background["severity"]) == (3, 3)
    assert background["occurred_at"] == "2015-03-02T00:00:00+08:00"


def explained(judge: Judge, *lines: str) -> str:
    return "".join(told for told, _ in explain_lines(lines, judge, NOW))


def test_the_reasoning_is_given_in_chinese_with_its_words(judge: Judge) -> None:
    told = explained(judge, json.dumps(GOOD), "{")
    for words in (
        "需要值班员处置",
        "火灾（fire）",
        "“2人死亡”（标题第",
        "已核实级别：一般；依据 火灾等级：死亡人数 1 以上〔公安部",
        "48 小时",
        "第 2 行有误",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("昌宁县开展消防演练，模拟3人被困。", "演练；依据词"),
        ("2015年3月2日，昌宁县发生火灾，造成3人死亡。", "只作背景"),
        ("今日晴。", "不是需要处置的事项"),
        ("网传昌宁县发生车祸，至少5人死亡。", "5 以上（未经证实）"),
        ("昌宁县发生火灾，十余人受伤。", "11–19"),
        ("昌宁县柯街镇村民投诉路灯没人修，要求赔偿。", "诉求：要求赔偿；依据词：“要求赔偿”（正文第"),
        ("昌宁县小学发生火灾，1名学生受伤。", "敏感因素：学校；依据词：“学生”（正文第"),
        ("昌宁县发生火灾，2人死亡。", "情感：负面（-1）；依据词：“死亡”（正文第"),
        ("昌宁县山体滑坡，2人失联，1人获救。", "情感：正负相当；依据词：“失联”（正文第"),
        ("昌宁县发生火灾，2人重伤3人轻伤。", "受伤 5；"),
        ("昨天下午昌宁县发生火灾。", "发生时间：2026-11-23（仅到日）"),
        ("柯街镇村民投诉路灯没人修。", "48 小时（单个诉求暂不起算"),
        ("网传大坪子村发生车祸，5人死亡。", "48 小时（认定属地后起算）"),
        (
            "昌宁县更戛乡泥石流致2人死亡1人失联。",
            "预判级别：较大；依据 地质灾害灾情等级：死亡人数 3 以上〔地质灾害防治条例",
        ),
    ],
)
def test_each_finding_is_told(judge: Judge, text: str, words: str) -> None:
    line = json.dumps({"id": "a", "title": "", "text": text, "published_at": "2026-11-24T08:00:00+08:00"})
    assert words in explained(judge, line)


def test_what_is_ours_by_its_source_alone_says_so(judge: Judge) -> None:
    line = json.dumps({**GOOD, "title": "", "text": "我县一煤矿发生透水，5人被困。", "source": "昌宁发布"})
    assert "属于本辖区；信源是本地的，事发的句子没有提到别处" in explained(judge, line)
