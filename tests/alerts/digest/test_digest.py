"""The daily digest: stored facts, the quiet day and the blind one told apart, nothing hidden."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.digest.build import Digest, SourceSummary, build_digest
from alerts.digest.render import render_digest, render_html, render_text
from monitor.classifiers.model import Grade, NamedPlace, Severity
from monitor.deadlines.model import ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import IncidentState, PublicationState
from monitor.office.model import Department, Office, Territory
from tests.support.builders import T0, a_dossier, a_publication, after, an_incident, an_obligation

OFFICE = Office(
    name="昌宁县人民政府办公室",
    territory=Territory(name="昌宁县", code="530524"),
    departments=(Department(id="emergency_bureau", name="县应急管理局"),),
)
NOW = after(hours=24)
HEAD = "9f2c1a7be04d55aa"
UP = (SourceSummary(name="县报"), SourceSummary(name="县论坛"))
UNTRIED = (SourceSummary(name="县报", is_untried=True), SourceSummary(name="县论坛", is_untried=True))
DOWN = (SourceSummary(name="县报"), SourceSummary(name="县论坛", down_since=after(hours=21)))

MINE = an_incident(
    title="柯街镇一煤矿透水", places=(NamedPlace(name="柯街镇"),), assigned_to=("emergency_bureau",)
)
RELEASE = an_obligation(id="release", name="首次权威信息", window=timedelta(hours=5))
CONFERENCE = an_obligation(id="conference")
FOLLOW_UP = an_obligation(
    id="follow", kind="follow_up", name="持续发布", statutory=False, window=timedelta(hours=20)
)
RUMOR = an_incident(
    id=3, title="网传田园镇小学停课", severity=None, opinion="rumor_suspected", local=None, grade=Grade()
)


def digest(*dossiers: Dossier, sources: Sequence[SourceSummary] = UP) -> Digest:
    return build_digest(OFFICE, dossiers, sources, T0, NOW, NOW, HEAD)


def section(made: Digest, heading: str) -> list[tuple[int, str]]:
    (found,) = (s for s in made.sections if s.heading == heading)
    return [(line.incident_id, line.said) for line in found.lines]


QUIET = [
    pytest.param(UP, False, ["本时段没有新发现的舆情。", "信源：2 个信源全部正常。"], id="a quiet day"),
    pytest.param(
        DOWN,
        True,
        [
            "本时段没有新记录的舆情，但监测不完整。",
            "信源：2 个信源中 1 个中断，可能有遗漏：县论坛（自 今天 05:00 起，已 3小时）。",
        ],
        id="a source is down",
    ),
    pytest.param(
        UNTRIED, True, ["2 个信源都还没有取到过内容，本期不能说明有无舆情"], id="none ever answered"
    ),
    pytest.param((*UP, UNTRIED[0]), False, ["2 个信源正常，1 个还没有取到过内容"], id="one never answered"),
    pytest.param(DOWN[1:], True, ["1 个信源全部中断，本期不能说明有无舆情"], id="all are down"),
    pytest.param((), True, ["没有信源在监测，本期不能说明有无舆情"], id="nobody watches"),
]


@pytest.mark.parametrize(("sources", "is_blind", "said"), QUIET)
def test_no_incident_and_no_source_never_look_alike(
    sources: Sequence[SourceSummary], is_blind: bool, said: list[str]
) -> None:
    made = digest(sources=sources)
    assert made.is_blind is is_blind
    assert all(words in render_text(made) for words in said)
    assert ("监测不完整" in render_html(made)) is is_blind


def test_what_is_late_comes_first_and_what_is_due_today_follows() -> None:
    late = replace(RELEASE, state=ObligationState.BREACHED, breached_at=after(hours=5))
    soon = replace(CONFERENCE, due_at=after(hours=47))
    far = replace(CONFERENCE, id="far", due_at=after(hours=48))
    made = digest(a_dossier(MINE, obligations=(far, soon, late)))
    assert section(made, "已超时") == [
        (1, "【重大】柯街镇一煤矿透水：首次权威信息 3月2日 13:00 到点，已超时 19小时。")
    ]
    assert section(made, "24小时内到期") == [
        (1, "【重大】柯街镇一煤矿透水：新闻发布会 3月4日 07:00 到点，还剩 23小时。")
    ]


def test_a_follow_up_is_suggested_and_never_late() -> None:
    made = digest(a_dossier(MINE, obligations=(FOLLOW_UP,)))
    assert section(made, "已超时") == []
    assert section(made, "24小时内到期") == [
        (1, "【重大】柯街镇一煤矿透水：建议续报 今天 04:00 前为宜，已过 4小时。")
    ]


STATUS = [
    pytest.param({}, (), "待确认，承办：尚未交办。", id="new"),
    pytest.param({"confirmed_at": T0}, (), "已确认，承办：尚未交办。", id="confirmed"),
    pytest.param({"assigned_to": ("emergency_bureau",)}, (), "已交办，承办：县应急管理局。", id="assigned"),
    pytest.param({}, (a_publication(),), "已回应，承办：尚未交办。", id="answered"),
    pytest.param(
        {},
        (a_publication(state=PublicationState.OFFERED),),
        "待确认，承办：尚未交办。",
        id="offered is no answer",
    ),
]


@pytest.mark.parametrize(("fields", "publications", "said"), STATUS)
def test_an_open_incident_shows_status_and_owner(
    fields: dict[str, object], publications: tuple[object, ...], said: str
) -> None:
    incident = replace(MINE, assigned_to=())
    dossier = Dossier(incident=replace(incident, **fields), publications=publications)  # type: ignore[arg-type]
    assert section(digest(dossier), "未结事项") == [(1, f"【重大】柯街镇一煤矿透水：{said}")]


def test_open_incidents_come_most_severe_first() -> None:
    worst = replace(MINE, id=9, severity=Severity.PARTICULARLY_SERIOUS)
    made = digest(a_dossier(RUMOR), a_dossier(MINE), a_dossier(worst))
    assert [number for number, _ in section(made, "未结事项")] == [9, 1, 3]


def test_answers_and_rumours_of_the_day_are_named() -> None:
    notice = a_publication(title="情况通报", channel="昌宁发布")
    yesterday = replace(notice, id="old", recorded_at=after(hours=-1))
    made = digest(a_dossier(MINE, publications=(notice, yesterday)), a_dossier(RUMOR))
    assert section(made, "已发布回应") == [(1, "《情况通报》（3月2日 09:00，昌宁发布）。")]
    assert section(made, "新增谣言线索") == [
        (3, "【疑似谣言】地点待核｜网传田园镇小学停课：3月2日 08:02 监测到，待核。")
    ]


def test_totals_count_the_day_only() -> None:
    met = replace(
        RELEASE, state=ObligationState.MET, ended_at=after(hours=6), met_late=True, breached_at=after(hours=5)
    )
    old = an_incident(id=2, detected_at=after(hours=-30), severity=Severity.ORDINARY)
    ended = an_incident(
        id=4, detected_at=after(hours=-30), state=IncidentState.CLOSED, ended_at=after(hours=1)
    )
    elsewhere, merged = an_incident(id=5, local=False), an_incident(id=6, state=IncidentState.MERGED)
    made = digest(
        a_dossier(MINE, obligations=(met,)),
        a_dossier(RUMOR),
        *(a_dossier(i) for i in (old, ended, elsewhere, merged)),
    )
    assert (
        "新发现 2 件，办结或排除 1 件；未结 3 件，其中重大 1 件、一般 1 件、未定级 1 件。"
        "完成法定回应 1 项（其中 1 项迟于时限），新增超时 1 项。"
    ) in render_text(made)


def test_what_is_left_out_for_length_is_counted() -> None:
    made = digest(*(a_dossier(an_incident(id=n)) for n in range(1, 12)))
    assert len(section(made, "未结事项")) == 8
    assert "另有 3 项，见值班台。" in render_text(made)
    assert "另有 3 项，见值班台。" in render_html(made)


def test_every_line_carries_its_incident_s_number_and_the_head_of_the_journal_is_printed() -> None:
    text = render_text(digest(a_dossier(MINE, obligations=(CONFERENCE,)), a_dossier(RUMOR)))
    numbered = [line for line in text.splitlines() if line[:2] in ("1.", "2.")]
    assert numbered
    assert all(line.endswith(("〔1号〕", "〔3号〕")) for line in numbered)
    assert text.endswith(f"截至 3月3日 08:00。留痕校验码 {HEAD}")


def test_what_a_poster_wrote_can_do_nothing() -> None:
    nasty = replace(MINE, title="<script>alert(1)</script> [点](http://evil.example) @all 13812345678")
    message = render_digest(digest(a_dossier(nasty)))
    both = message.body + (message.html or "")
    assert "evil.example" not in both
    assert "<script>" not in both
    assert "13812345678" not in both
    assert "@all" not in both


def test_the_message_has_a_subject_with_the_day() -> None:
    assert render_digest(digest()).subject == "昌宁县人民政府办公室每日简报（2026年3月3日）"


def test_an_ordinary_day_takes_about_500_characters() -> None:
    text = render_text(digest(a_dossier(MINE, obligations=(CONFERENCE,)), a_dossier(RUMOR)))
    assert 250 <= len(text) <= 600
