"""How fast the whole way is: from the bytes of an answer to what is stored, and to a message accepted."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Final

from alerts.channels.base import open_session
from alerts.outbox import Outbox
from monitor.bench.corpus import STARTS_AT, Piece, compose, compose_serious, items_of, rss_of
from monitor.bench.delivering import channels_of, endpoint, no_link, office_at
from monitor.bench.feeds import ENTRIES, SOURCE
from monitor.bench.ground import bench_setting
from monitor.bench.measure import BenchError, Figure, Sizes, percentile, seconds
from monitor.bench.texts import packaged_judge, packaged_segmenter, plain_jieba, segment
from monitor.collectors.model import SourceState
from monitor.collectors.poll import receive
from monitor.incidents.group import Grouper
from monitor.items.intake import take_in
from monitor.office.model import Office
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.pipeline.rendering import Rendering
from monitor.pipeline.setting import Setting
from monitor.ports import Channel

CONTENT_TYPE: Final = "application/rss+xml; charset=utf-8"
STATE: Final = SourceState(source_id=SOURCE.id, identity=SOURCE.identity, baseline_at=STARTS_AT)


def bench_pipeline(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure new items a second, from the bytes of their feed to committed verdicts and incidents."""
    ours, reference = [], []
    with bench_setting() as setting:
        intake = bench_intake(setting)
        for number in range(sizes.rounds):
            pieces = compose(sizes.feeds * ENTRIES, seed=number)
            bodies = [rss_of(pieces[i : i + ENTRIES]) for i in range(0, len(pieces), ENTRIES)]
            ours.append(len(pieces) / seconds(partial(_take_in_all, intake, bodies)))
            reference.append(len(pieces) / seconds(partial(segment, plain_jieba(), items_of(pieces))))
    return (
        Figure(
            bench="pipeline",
            name="new items of changed feeds",
            value=median(ours),
            unit="items/s",
            compared_with="jieba.lcut",
            reference=median(reference),
        ),
    )


def bench_detect_to_alert(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure from the bytes that tell of a serious incident to the first message accepted."""
    taken = asyncio.run(_detect(compose_serious(sizes.rounds * sizes.detections)))
    return tuple(
        Figure(
            bench="detect_to_alert", name=f"p{percent}", value=percentile(taken, percent) * 1000, unit="ms"
        )
        for percent in (50, 99)
    )


async def _detect(pieces: Sequence[Piece]) -> list[float]:
    async with endpoint() as address, open_session(allow_private=True) as session:
        office = office_at(address)
        channels = channels_of(office, session)
        return [await _detect_one(piece, office, channels) for piece in pieces]


async def _detect_one(piece: Piece, office: Office, channels: Mapping[str, Channel]) -> float:
    """Return the seconds one detection takes, on a database of its own so that no incident is joined."""
    body = rss_of([piece])
    with bench_setting(office) as setting:
        intake = bench_intake(setting)
        outbox = Outbox(setting.store, setting.circumstances, Rendering(setting, tuple, no_link), "bench")
        started = perf_counter()
        polled = receive(SOURCE, STATE, body, CONTENT_TYPE, STARTS_AT)
        await asyncio.to_thread(intake.take_in, take_in(polled), STARTS_AT)
        sent = await outbox.deliver(channels, lambda: STARTS_AT)
        taken = perf_counter() - started
    if not sent:
        raise BenchError("a serious incident told nobody: the figure would mean nothing")
    return taken


def bench_intake(setting: Setting) -> Intake:
    """Return the intake as the service builds it, with nothing known yet."""
    segmenter = packaged_segmenter()
    known = Known(lambda: Grouper(segmenter.rarity))
    return Intake(setting, packaged_judge().judge_item, known, segmenter.words)


def _take_in_all(intake: Intake, bodies: Sequence[bytes]) -> None:
    for body in bodies:
        intake.take_in(take_in(receive(SOURCE, STATE, body, CONTENT_TYPE, STARTS_AT)), STARTS_AT)
