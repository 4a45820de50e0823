"""The page 信源与运行 says how the journal's chain stands."""

from datetime import date

import pytest

from monitor.ports import SelfWatch, Store
from tests.desk.conftest import ServedDesk
from tests.support.builders import after


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        pytest.param(SelfWatch(journal_seq=2), "还没有核对完一遍，已到第 2 条", id="not yet read to its end"),
        pytest.param(
            SelfWatch(journal_whole_at=after(hours=3)), "今天 11:00</time> 全链核对完整。", id="whole"
        ),
        pytest.param(
            SelfWatch(journal_whole_at=after(hours=3), journal_seq=2),
            "今天 11:00</time> 全链核对完整；新一遍已核对到第 2 条",
            id="being read again",
        ),
        pytest.param(
            SelfWatch(journal_whole_at=after(hours=3), journal_fault="第 2 条：内容被改动"),
            "留痕链不完整：第 2 条：内容被改动",
            id="broken",
        ),
    ],
)
async def test_the_page_says_how_far_the_chain_was_read_and_what_is_wrong(
    served: ServedDesk, told: Store, watch: SelfWatch, said: str
) -> None:
    with told.transaction() as transaction:
        transaction.save_self_watch(watch)
    async with served.browser("analyst") as browser:
        assert said in (await browser.get("/sources")).text


async def test_the_page_shows_the_hash_that_the_last_digest_printed(served: ServedDesk, told: Store) -> None:
    async with served.browser("analyst") as browser:
        assert "还没有发过每日简报" in (await browser.get("/sources")).text
        with told.transaction() as transaction:
            transaction.anchor_journal(date(2026, 3, 1))
            anchor = transaction.anchor_journal(date(2026, 3, 2))
        page = (await browser.get("/sources")).text
    assert f"与 2 天简报上的校验码比对；最近一份（2026-03-02，第 {anchor.seq} 条）" in page
    assert anchor.hash in page


async def test_a_broken_journal_makes_health_say_so(served: ServedDesk, told: Store) -> None:
    with told.transaction() as transaction:
        transaction.save_self_watch(SelfWatch(journal_fault="第 2 条：内容被改动"))
    async with served.browser() as stranger:
        assert (await stranger.get("/health")).status == 503
