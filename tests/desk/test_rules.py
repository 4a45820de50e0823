"""The page of words and rules: who may, what a pasted text says, what trial words would change."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import cache

import pytest

from monitor.classifiers.judge import Judge
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.office.model import Territory
from monitor.pipeline.trial import Bounds, OnTrial, try_words
from monitor.ports import Store
from tests.desk.conftest import Browser, ServedDesk, serve
from tests.desk.story import NOW
from tests.support.builders import an_item
from tests.support.clock import SimulatedClock

NEW = "add:\n  events:\n    - type: 道路交通事故\n      words: [栽沟]\n"
HOME = Territory(name="昌宁县", code="530524", level="county", aliases=("昌宁",))


class EveryCharacter:
    def lcut(self, text: str) -> list[str]:
        return list(text)


@cache
def judge_of(words: bytes) -> Judge:
    lexicon = load_lexicon(office={"试用词": words})
    return Judge(lexicon, load_table(), HOME, segmenter=EveryCharacter())


class Written:
    """The packaged words, without a service around them."""

    judge = judge_of(b"")
    version = "0123456789ab"
    notes = ("words/words.yaml:3:5: 词表里没有“某”，去掉它不起作用",)

    def trial(self, files: Mapping[str, bytes]) -> OnTrial:
        notes = load_lexicon(office=files).notes
        return OnTrial(judge=judge_of(files["试用词"]), notes=(*self.notes, *notes))


def keep(store: Store, *titles: str) -> None:
    items = [
        an_item(key=title, title=title, text="", published_at=NOW - timedelta(days=days), first_seen_at=NOW)
        for days, title in enumerate(titles)
    ]
    with store.transaction() as transaction:
        transaction.add_items(items, [None] * len(items))


@pytest.fixture
async def ruled(store: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    async with serve(store, clock, wording=Written()) as desk:
        yield desk


async def ask(browser: Browser, **fields: str) -> tuple[int, str]:
    page = await browser.get("/rules")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    answer = await browser.post("/rules", data={"csrf": csrf, **fields})
    return answer.status, answer.text


@pytest.mark.parametrize(
    ("role", "status"),
    [("analyst", 200), ("admin", 200), ("duty", 403), ("leader", 403), ("department", 403)],
)
async def test_only_analysts_and_administrators_may(ruled: ServedDesk, role: str, status: int) -> None:
    async with ruled.browser(role) as browser:
        page = await browser.get("/rules")
        settings = await browser.get("/settings")
    assert page.status == status
    assert ('href="/rules"' in settings.text) is (status == 200)
    assert ("涉密信息不得录入" in page.text) is (status == 200)


async def test_a_pasted_text_is_judged_with_and_without_trial_words(ruled: ServedDesk) -> None:
    pasted = {"act": "assess", "title": "<昌宁县一农用车栽沟>", "text": ""}
    async with ruled.browser("analyst") as browser:
        _, plain = await ask(browser, **pasted)
        _, tried = await ask(browser, **pasted, trial=NEW)
    assert "不是舆情" in plain
    assert "加上试用词" not in plain
    assert "舆情 · 当前 · 本地 · 道路交通事故" in tried
    assert '<mark data-why="类型">栽沟</mark>' in tried
    assert "<昌宁县" not in tried
    assert "<strong>words/words.yaml 第 3 行第 5 列</strong>：词表里没有“某”" in tried
    assert "现行用词版本 0123456789ab，本辖区地名" in plain


async def test_trial_words_show_which_stored_items_they_change_and_write_nothing(
    ruled: ServedDesk, store: Store
) -> None:
    keep(store, "昌宁县一农用车栽沟", "昌宁县植树", "昌宁县三轮车栽沟")
    async with ruled.browser("analyst") as browser:
        status, page = await ask(browser, act="try", trial=NEW)
        with store.reading() as transaction:
            head = transaction.journal_head()
        await ask(browser, act="try", trial=NEW)
    assert (status, "看了 3 条，2 条的结论会变：新成为舆情 2 条，不再是舆情 0 条" in page) == (200, True)
    assert "没有看完" not in page
    with store.reading() as transaction:
        assert transaction.journal_head() == head


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"act": "try", "trial": "add:\n  events:\n    - {type: fire, word: [栽沟]}"},
            "试用词 第 3 行第 20 列</strong>：add.events[0].word: 不认识的键，是否指 words？",
        ),
        ({"act": "assess", "title": "某", "trial": "add: ["}, "<q>add: [</q>"),
        ({"act": "try"}, "请先写试用词"),
        ({"act": "assess"}, "请先粘贴标题或正文"),
    ],
)
async def test_what_cannot_be_tried_is_told_and_what_was_typed_stays(
    ruled: ServedDesk, fields: dict[str, str], said: str
) -> None:
    async with ruled.browser("analyst") as browser:
        status, page = await ask(browser, **fields)
    assert (status, said in page) == (422, True)
    assert fields.get("trial", "")[:12] in page


@pytest.mark.parametrize("act", ["try", "assess"])
async def test_one_trial_at_a_time(ruled: ServedDesk, act: str) -> None:
    async with ruled.browser("analyst") as browser:
        with ruled.desk.trying:
            status, page = await ask(browser, act=act, title="某", trial=NEW)
            plain, _ = await ask(browser, act="assess", title="某")
        after, _ = await ask(browser, act=act, title="某", trial=NEW)
    assert (status, "正有人在试算" in page) == (422, True)
    assert (plain, after) == (200, 200)


async def test_trial_words_that_change_nothing_are_noted_where_they_stand(ruled: ServedDesk) -> None:
    async with ruled.browser("analyst") as browser:
        _, page = await ask(browser, act="try", trial="add:\n  events:\n    - {type: 火灾, words: [火灾]}\n")
    noted = page.split("试用词里不起作用的词")[1].split("</ul>")[0]
    assert "试用词 第 3 行第 26 列</strong>：add.events[0].words[0]: 这一类已有“火灾”" in noted
    assert "words/words.yaml" not in noted
    assert "最近 7 天没有收到条目" in page
    assert "没有条目的结论会变" not in page


async def test_a_form_of_another_session_is_refused(ruled: ServedDesk) -> None:
    async with ruled.browser("analyst") as browser:
        answer = await browser.post("/rules", data={"csrf": "x", "act": "assess", "title": "某"})
    assert answer.status == 403


async def test_a_desk_without_words_has_no_such_page(quiet: ServedDesk) -> None:
    async with quiet.browser("analyst") as browser:
        assert (await browser.get("/rules")).status == 404


@pytest.mark.parametrize(
    ("bounds", "looked_at", "is_through"),
    [
        (Bounds(), 3, True),
        (Bounds(days=1), 1, True),
        (Bounds(items=2), 2, False),
        (Bounds(time=timedelta(0)), 0, False),
    ],
)
async def test_a_trial_says_where_it_ended_early(
    store: Store, bounds: Bounds, looked_at: int, is_through: bool
) -> None:
    keep(store, "昌宁县植树", "昌宁县一农用车栽沟", "昌宁县三轮车栽沟")
    clock = SimulatedClock(NOW + timedelta(minutes=1))
    trial = await asyncio.to_thread(try_words, store, judge_of(b""), judge_of(NEW.encode()), clock, bounds)
    assert (trial.looked_at, trial.seen_until is None) == (looked_at, is_through)
