"""Reach as stored: arrivals of incidents, and how boards ranked their items afterwards."""

from dataclasses import replace

from monitor.collectors.model import Role
from monitor.incidents.heat import measure_heat
from monitor.ports import Store
from storage.engine import SqlStore
from storage.tables import SightingRow, table_of
from tests.support.builders import T0, a_joining, after, an_incident, an_item, opening


def put(store: Store) -> list[int]:
    """Store an old and a new item in incident 1, one in incident 2, and one that belongs to none."""
    items = [
        an_item(key="old", published_at=after(hours=-30), source_id="paper"),
        an_item(key="new", published_at=T0, source_id="weibo", platform="微博", board_rank=40, heat=10.0),
        an_item(key="other", published_at=T0, role=Role.SOCIAL),
        an_item(key="free", published_at=T0),
    ]
    with store.transaction() as unit:
        ids = [item.id for item in unit.add_items(items, [None] * 4)]
        first = (
            a_joining(item_id=ids[0], at=after(hours=-29)),
            a_joining(item_id=ids[1], at=after(minutes=2)),
        )
        second = a_joining(incident_id=2, item_id=ids[2])
        unit.save(opening(joinings=first))
        unit.save(opening(an_incident(id=2), joinings=(second,)))
    return ids


def test_arrivals_since_then_are_those_of_the_incidents_asked_for(store: Store) -> None:
    ids = put(store)
    with store.reading() as unit:
        found = unit.arrivals([1, 2, 3], after(hours=-24))
        assert unit.arrivals([], T0) == {}
    assert {id_: [(s.item_id, s.at) for s in seen] for id_, seen in found.items()} == {
        1: [(ids[1], T0)],
        2: [(ids[2], T0)],
    }


def test_sightings_are_every_arrival_and_every_later_rank_and_heat(store: Store) -> None:
    ids = put(store)
    with store.transaction() as unit:
        known = {id_: unit.item(id_)[0] for id_ in ids[:2]}
        for minutes in (5, 5, 10):
            again = replace(known[ids[1]], board_rank=3, heat=100.0 + minutes)
            unit.note_sightings({ids[0]: known[ids[0]], ids[1]: again}, after(minutes=minutes))
    with store.reading() as unit:
        heat = measure_heat(unit.sightings(1), after(hours=1))
    assert (heat.items, heat.sources, heat.best_rank, heat.peak_heat) == (2, 2, 3, 110.0)
    weibo = heat.carriers[1]
    assert (weibo.name, weibo.platform, weibo.best_rank_at) == ("县报", "微博", after(minutes=5))


def test_what_has_neither_rank_nor_heat_leaves_no_sighting(store: Store) -> None:
    assert isinstance(store, SqlStore)
    with store.transaction() as unit:
        (item,) = unit.add_items([an_item()], [None])
        unit.note_sightings({item.id: item}, after(minutes=5))
        unit.note_sightings({}, after(minutes=6))
    with store.connected() as connection:
        assert connection.execute(table_of(SightingRow).select()).all() == []
