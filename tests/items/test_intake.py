"""An entry that was edited in place is another item; one whose counters moved is not."""

from dataclasses import replace

import pytest

from monitor.collectors.fetch import Fetched
from monitor.collectors.model import RawItem, Reading, SourceState
from monitor.collectors.poll import Polled
from monitor.items.intake import Arrival, close_poll, take_in, with_revisions
from tests.support.builders import T0, a_source

SOURCE = a_source()
STATE = SourceState(source_id=SOURCE.id, identity=SOURCE.identity, baseline_at=T0)


def arriving(title: str, text: str) -> Arrival:
    raw = RawItem(native_id="b-1", title=title, text=text)
    return take_in(
        Polled(source=SOURCE, before=STATE, started_at=T0, fetched=Fetched(), reading=Reading(items=(raw,)))
    )


FIRST = arriving("柯街镇山体滑坡已致3人死亡", "浏览 12 次")
STORED = {FIRST.items[0].key: FIRST.items[0].title}


@pytest.mark.parametrize(
    ("title", "text", "created"),
    [
        pytest.param("柯街镇山体滑坡已致11人死亡", "浏览 12 次", 1, id="the figures rose"),
        pytest.param("柯街镇山体滑坡已致3人死亡", "浏览 99 次", 0, id="only a counter moved"),
        pytest.param("柯街镇山体滑坡，已致３人死亡！", "浏览 12 次", 0, id="only punctuation and width"),
    ],
)
def test_a_bulletin_edited_in_place_is_another_report(title: str, text: str, created: int) -> None:
    arrival = with_revisions(arriving(title, text), STORED)
    poll, new, again, _ = close_poll(arrival, STORED, T0)
    assert (poll.created, len(new), len(again)) == (created, created, 1 - created)


def test_an_edited_bulletin_seen_again_stays_one_item() -> None:
    edited = with_revisions(arriving("柯街镇山体滑坡已致11人死亡", ""), STORED)
    stored = STORED | {item.key: item.title for item in edited.items}
    again = with_revisions(arriving("柯街镇山体滑坡已致11人死亡", ""), STORED)
    assert [item.key for item in again.items] == [item.key for item in edited.items]
    assert close_poll(again, stored, T0)[0].created == 0
    assert replace(edited.items[0], key="") == replace(again.items[0], key="")
