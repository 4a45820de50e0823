"""From a served feed, a dropped file or a signed post to a delivered alert, a digest and a history hit."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from monitor.collectors.model import PollState
from monitor.collectors.readers.signature import sign
from monitor.desk.app import desk_server
from monitor.dossier import acts
from monitor.incidents.model import PublicationKind
from monitor.service import Service
from tests.journey.sources import COLLAPSE, COLLAPSE_TEXT, QUIET, board, feed_source, rss, sources_file
from tests.support.clock import SimulatedClock
from tests.support.county import County, county
from tests.support.mail import MailServer
from tests.support.vendors import VendorServer, says, vendor_server
from tests.support.web import ScriptedSite

SECRET = "a secret of the hotline"  # noqa: S105 - of this test only
DETECTED = [("duty", "detected", "duty-wecom", "sent"), ("office_head", "detected", "head-email", "sent")]


def words_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def mails_to(mailbox: MailServer, address: str) -> list[EmailMessage]:
    return [mail for mail in mailbox.mails if str(mail["To"]) == address]


def collapse_feed(site: ScriptedSite, clock: SimulatedClock, path: str = "/feed") -> str:
    now = clock.now()
    quiet = (QUIET, "志愿者在柯街镇植树。", now - timedelta(minutes=40))
    return site.says(path, rss((COLLAPSE, COLLAPSE_TEXT, now - timedelta(minutes=10)), quiet))


async def test_a_served_feed_becomes_an_alert_a_digest_and_a_history_hit(
    tmp_path: Path,
    database_url: str,
    clock: SimulatedClock,
    site: ScriptedSite,
    bot: VendorServer,
    mail: MailServer,
) -> None:
    sources = sources_file(feed_source("paper", collapse_feed(site, clock)))
    async with county(tmp_path, database_url, sources, clock=clock, mail=mail, wecom=bot.address) as town:
        [poll] = await town.poll("paper")
        await town.step()

        assert (poll.state, poll.raw, poll.created) == (PollState.BASELINE, 2, 2)
        assert town.told() == DETECTED
        [page] = bot.seen
        assert "柯街镇" in page["text"]["content"]
        [head] = mails_to(mail, "head@example.gov.cn")
        assert COLLAPSE[:10] in str(head["Subject"])
        assert "新闻发布会" in words_of(head)

        town.parts.acts.acknowledge(1, by="office_head", via="desk")
        town.parts.acts.do(1, acts.confirm, by="office_head", via="desk")
        await town.live(timedelta(hours=2))
        for kind, title in (
            (PublicationKind.FIRST_RELEASE, "昌宁县通报柯街镇厂房坍塌情况"),
            (PublicationKind.PRESS_CONFERENCE, "柯街镇厂房坍塌新闻发布会"),
        ):
            release = acts.respond(kind, title=title, channel="县政府网")
            town.parts.acts.do(1, release, by="duty", via="desk")
        await town.live(timedelta(hours=22))
        await town.live(timedelta(minutes=1))

        said = {str(sent["Subject"]): sent for sent in mails_to(mail, "leader@example.gov.cn")}
        digest = said["昌宁县人民政府办公室每日简报（2026年3月3日）"]
        assert COLLAPSE in words_of(digest)
        assert "昌宁县通报柯街镇厂房坍塌情况" in words_of(digest)

        assert [(hit.item.title, hit.incident_id, hit.severity) for hit in town.find("坍塌", "柯街")] == [
            (COLLAPSE, 1, 2)
        ]
        assert town.faults() == ()


async def test_nothing_is_told_twice_when_everything_runs_twice(
    tmp_path: Path,
    database_url: str,
    clock: SimulatedClock,
    site: ScriptedSite,
    bot: VendorServer,
    mail: MailServer,
) -> None:
    sources = sources_file(feed_source("paper", collapse_feed(site, clock)))
    async with county(tmp_path, database_url, sources, clock=clock, mail=mail, wecom=bot.address) as town:
        polls = await town.poll("paper", "paper")
        for hours in (0, 5, 24):
            await town.live(timedelta(hours=hours))
            told, wired, mailed = town.told(), len(bot.seen), len(mail.mails)
            polls += await town.poll("paper")
            await town.step()
            await town.step()
            assert (town.told(), len(bot.seen), len(mail.mails)) == (told, wired, mailed)

        assert [poll.created for poll in polls] == [2, 0, 0, 0, 0]
        ids = [alert.id for alert in town.alerts()]
        assert len(ids) == len(set(ids))
        numbers = {alert.message_no for alert in town.alerts()}
        assert [attempt.attempt for attempt in town.attempts(numbers)] == [1] * len(numbers)
        assert town.faults() == ()


async def test_a_dropped_csv_does_likewise_and_the_file_is_put_away(
    tmp_path: Path, database_url: str, clock: SimulatedClock, bot: VendorServer, mail: MailServer
) -> None:
    async with county(
        tmp_path, database_url, sources_file(inbox()), clock=clock, mail=mail, wecom=bot.address
    ) as town:
        town.inbox.mkdir(parents=True)
        dropped = town.inbox / "工单.csv"
        dropped.write_text(
            f"工单编号,工单标题,诉求内容,来电时间\n7,{COLLAPSE},{COLLAPSE_TEXT},2026-03-02 07:55\n",
            encoding="gb18030",
        )
        os.utime(dropped, times=(0, 0))
        for _ in range(2):
            await town.collecting.read_inbox_folders(town.parts.settings.var)
            await town.step()

        assert town.told() == DETECTED
        assert len(bot.seen) == 1
        assert [hit.item.source_id for hit in town.find("坍塌")] == ["hotline"]
        assert [path.name.partition("-")[2] for path in (town.inbox / "done").iterdir()] == ["工单.csv"]


def inbox() -> str:
    return (
        "  - {id: hotline, name: 县12345热线, kind: inbox, role: hotline, scope: county,"
        f" secret: {SECRET}, reading: {{folder: inbox}}}}"
    )


@asynccontextmanager
async def served_desk(town: County) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve the desk of this county on a free port, as the service does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = desk_server(Service(town.parts).app, host="127.0.0.1", port=0)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with aiohttp.ClientSession(address) as session:
                yield session
            server.should_exit = True


async def test_a_signed_post_to_the_inbox_does_likewise_and_a_forged_one_is_refused(
    tmp_path: Path, database_url: str, clock: SimulatedClock, bot: VendorServer, mail: MailServer
) -> None:
    post = f'{{"id": "7", "title": "{COLLAPSE}", "text": "{COLLAPSE_TEXT}", "published_at": null}}'.encode()
    stamp = clock.now().isoformat()
    signed = {"X-Huiying-Timestamp": stamp, "X-Huiying-Signature": sign(SECRET, stamp, post)}
    async with (
        county(
            tmp_path, database_url, sources_file(inbox()), clock=clock, mail=mail, wecom=bot.address
        ) as town,
        served_desk(town) as desk,
    ):
        answers = []
        for headers in (
            signed,
            signed,
            signed | {"X-Huiying-Signature": sign("another secret", stamp, post)},
        ):
            async with desk.post("/api/inbox/hotline", data=post, headers=headers) as answer:
                answers.append((answer.status, (await answer.json()).get("created")))
            await town.step()

        assert answers == [(202, 1), (202, 0), (401, None)]
        assert town.told() == DETECTED
        assert len(bot.seen) == 1


async def test_a_hot_list_with_the_same_title_counts_as_reach_and_pages_nobody_again(
    tmp_path: Path,
    sqlite_url: str,
    clock: SimulatedClock,
    site: ScriptedSite,
    bot: VendorServer,
    mail: MailServer,
) -> None:
    sources = sources_file(
        feed_source("paper", collapse_feed(site, clock)),
        feed_source(
            "board",
            site.says("/api/s", board("某明星新歌发布")),
            kind="hotlist",
            role="social",
            reading="{shape: newsnow}",
        ),
    )
    async with county(tmp_path, sqlite_url, sources, clock=clock, mail=mail, wecom=bot.address) as town:
        await town.poll("board", "paper")
        await town.step()
        for shown in (board(COLLAPSE, "某明星新歌发布"), board("某明星新歌发布", COLLAPSE)):
            site.says("/api/s", shown)
            clock.advance(timedelta(minutes=2))
            await town.poll("board")
            await town.step()

        assert town.told() == DETECTED
        with town.store.reading() as transaction:
            incident = transaction.dossier(1).incident
            assert (incident.item_count, incident.on_board) == (2, True)
            assert len(transaction.incidents()) == 1


@pytest.mark.parametrize(
    "is_refused",
    [
        pytest.param(True, id="the bot refuses its key"),
        pytest.param(False, id="nobody listens there"),
    ],
)
async def test_a_dead_first_channel_falls_back_to_the_same_persons_mail(
    tmp_path: Path,
    sqlite_url: str,
    clock: SimulatedClock,
    site: ScriptedSite,
    mail: MailServer,
    is_refused: bool,
) -> None:
    sources = sources_file(feed_source("paper", collapse_feed(site, clock)))
    async with vendor_server(says({"errcode": 93000})) as broken:
        address = broken.address if is_refused else "http://127.0.0.1:1/nobody"
        async with county(tmp_path, sqlite_url, sources, clock=clock, mail=mail, wecom=address) as town:
            await town.poll("paper")
            await town.step()

            [page] = mails_to(mail, "duty@example.gov.cn")
            assert COLLAPSE[:10] in str(page["Subject"])
            await town.live(timedelta(minutes=10))
            assert len(mails_to(mail, "duty@example.gov.cn")) == 1
            ended = {
                (to, channel): state for to, reason, channel, state in town.told() if reason == "detected"
            }
            assert ended == {
                ("duty", "duty-wecom"): "dead" if is_refused else "cancelled",
                ("duty", "duty-email"): "sent",
                ("office_head", "head-email"): "sent",
            }


async def test_sources_that_hang_delay_no_other_source(
    tmp_path: Path,
    sqlite_url: str,
    clock: SimulatedClock,
    site: ScriptedSite,
    bot: VendorServer,
    mail: MailServer,
) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        asked.set()
        await released.wait()
        return web.Response(body=rss())

    async with ScriptedSite() as slow:
        stuck = slow.does("/feed", hang)
        hanging = [feed_source(f"a{n}", stuck) for n in range(40)]
        sources = sources_file(*hanging, feed_source("paper", collapse_feed(site, clock)))
        async with (
            county(tmp_path, sqlite_url, sources, clock=clock, mail=mail, wecom=bot.address) as town,
            asyncio.timeout(60),
            asyncio.TaskGroup() as group,
        ):
            await town.start_due(group)
            await asked.wait()
            await town.finished["paper"].wait()
            await town.step()
            assert town.told() == DETECTED
            assert not town.finished["a0"].is_set()
            released.set()
