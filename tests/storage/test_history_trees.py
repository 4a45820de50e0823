"""Both databases and a plain scan give the same answers and the same counts, whatever is asked."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.asking.figures import parse_bound
from monitor.asking.model import AllOf, AnyOf, Tree, Without, Word, holds
from monitor.asking.parse import parse
from monitor.bench.corpus import compose
from monitor.bench.filling import bench_items
from monitor.bench.questions import QUESTIONS, SINGLE
from monitor.classifiers.model import Count, Grade, NamedPlace, Severity
from monitor.collectors.model import Role
from monitor.deadlines.model import ObligationState
from monitor.incidents.model import Holding, IncidentState, Report
from monitor.items.model import Item
from monitor.ports import Store
from monitor.ports.history import Facets, Question, SavedQuestion
from storage import history
from storage.engine import open_store
from storage.facets import SLOTS, mark_items
from storage.items import ITEMS
from storage.mapping import row_of
from tests.support.builders import (
    T0,
    a_joining,
    a_verdict,
    after,
    an_incident,
    an_item,
    an_obligation,
    opening,
)  # fmt: skip
from tests.support.databases import BOTH, fresh_database

KEYS = count()
ALPHABET = "塌方路，。 aAßＧ1🚒"


@pytest.fixture(scope="module", params=BOTH)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Lend a store that all tests of this module share; each looks at its own items only."""
    folder = tmp_path_factory.mktemp("trees")
    with fresh_database(request.param, folder) as url, closing(open_store(url)) as store:
        yield store


def test_the_fixed_questions_find_what_a_scan_finds(store: Store) -> None:
    assert len(QUESTIONS) >= 40
    items = bench_items(compose(150, seed=7, matter_share=0.5))
    with store.transaction() as unit:
        stored = unit.add_items(items, [None] * len(items))
    found = 0
    with store.reading() as unit:
        for line in (*QUESTIONS, *SINGLE):
            tree = parse(line)
            scanned = {item.id for item in stored if holds(tree, item.title, item.text)}
            answers = unit.search(Question(tree=tree, limit=1000)).hits
            assert {hit.item.id for hit in answers} == scanned, line
            found += bool(scanned)
    assert found >= 20


def trees() -> st.SearchStrategy[Tree]:
    words = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=3).map(lambda text: Word(text=text))
    return st.recursive(
        words,
        lambda parts: st.one_of(
            st.builds(Without, part=parts),
            st.lists(parts, max_size=3).map(lambda some: AllOf(parts=tuple(some))),
            st.lists(parts, min_size=1, max_size=3).map(lambda some: AnyOf(parts=tuple(some))),
        ),
        max_leaves=5,
    )


PIECES = st.text(st.sampled_from(ALPHABET), max_size=8)


@given(texts=st.lists(st.tuples(PIECES, PIECES, st.integers(0, 3)), min_size=1, max_size=6), tree=trees())
@settings(max_examples=60)
def test_any_tree_finds_what_a_scan_finds_newest_first(
    kept: Store, texts: list[tuple[str, str, int]], tree: Tree
) -> None:
    items = [
        an_item(key=f"tree-{next(KEYS)}", title=title, text=body, published_at=after(minutes=minute))
        for title, body, minute in texts
    ]
    with kept.transaction() as unit:
        first = unit.last_item_id()
        stored = unit.add_items(items, [None] * len(items))
        question = Question(tree=tree, limit=1000, after_id=first)
        found = [hit.item.id for hit in unit.search(question).hits]
        total = unit.item_facets(question).total
    answers = [item for item in stored if holds(tree, item.title, item.text)]
    assert found == [i.id for i in sorted(answers, key=lambda i: (i.at, i.id), reverse=True)]
    assert total == len(answers)


def file_county(store: Store) -> tuple[Item, ...]:
    """Store six items of two months; the first two belong to incident 1, the third to incident 2."""
    items = [
        an_item(
            key=f"county-{n}",
            title=f"{'滑坡' if n % 2 else '停水'} {n}",
            published_at=T0 + timedelta(days=10 * n),
            first_seen_at=T0 + timedelta(days=60),
            source_id=f"s{n % 2}",
            source_name=f"县报{n % 2}",
            role=Role.SOCIAL if n % 3 else Role.MEDIA,
        )
        for n in range(6)
    ]
    ordinary = a_verdict(grade=Grade(precautionary=Severity.ORDINARY), places=(NamedPlace(name="柯街镇"),))
    complaint = replace(ordinary, event_type=None, category=None, opinion="complaint")
    verdicts = [ordinary, ordinary, None, None, complaint, None]
    twelve = Report(count=Count.exactly(12), at=T0, item_id=1)
    first = an_incident(
        id=1,
        places=(NamedPlace(name="田园镇"),),
        assigned_to=("police",),
        holding=Holding(official={"deaths": twelve}),
    )
    second = an_incident(id=2, severity=None, state=IncidentState.CLOSED, detected_at=after(days=40))
    with store.transaction() as unit:
        stored = unit.add_items(items, verdicts)
        for incident, joined in ((first, stored[:2]), (second, stored[2:3])):
            unit.next_incident_id()
            late = an_obligation(
                id=f"{incident.id}/late", incident_id=incident.id, state=ObligationState.MET, met_late=True
            )
            unit.save(
                opening(
                    incident,
                    obligations=(late,) if incident.id == 2 else (an_obligation(incident_id=1),),
                    joinings=tuple(a_joining(item_id=i.id, incident_id=incident.id) for i in joined),
                )
            )
    return stored


@pytest.fixture(scope="module", params=BOTH)
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Lend a store that tests only read."""
    folder = tmp_path_factory.mktemp("county")
    with fresh_database(request.param, folder) as url, closing(open_store(url)) as store:
        file_county(store)
        yield store


FILTERS: list[tuple[dict[str, Any], list[int], list[int]]] = [
    ({}, [6, 5, 4, 3, 2, 1], [2, 1]),
    ({"severities": (2,)}, [2, 1], [1]),
    ({"severities": (4,)}, [5], []),
    ({"kinds": ("road_traffic",)}, [3, 2, 1], [2, 1]),
    ({"kinds": ("accident",)}, [3, 2, 1], [2, 1]),
    ({"places": ("柯街镇",)}, [5], []),
    ({"places": ("田园镇", "柯街镇")}, [5, 2, 1], [1]),
    ({"places": ("柯街%",)}, [], []),
    ({"sources": ("s1",)}, [6, 4, 2], [1]),
    ({"sources": ("s1",), "tree": parse("停水")}, [], []),
    ({"roles": ("social",), "tree": parse("滑坡")}, [6, 2], [1]),
    ({"roles": ("media",)}, [4, 1], [1]),
    ({"states": ("closed",)}, [3], [2]),
    ({"departments": ("police",)}, [2, 1], [1]),
    ({"outcomes": ("late",)}, [3], [2]),
    ({"outcomes": ("running", "late")}, [3, 2, 1], [2, 1]),
    ({"outcomes": ("breached",)}, [], []),
    ({"figures": (parse_bound("deaths>=3"),)}, [2, 1], [1]),
    ({"figures": (parse_bound("deaths>12"),)}, [], []),
    ({"figures": (parse_bound("missing<100"),)}, [], []),
    ({"tree": parse("滑坡")}, [6, 4, 2], [1]),
    ({"tree": parse("-滑坡"), "states": ("closed",)}, [3], [2]),
    ({"since": after(days=20)}, [6, 5, 4, 3], [2]),
    ({"since": after(seconds=1), "until": after(days=30, seconds=1)}, [4, 3, 2], [1]),
]


@pytest.mark.parametrize(("asked", "items", "incidents"), FILTERS)
def test_every_filter_narrows_items_incidents_and_their_counts_alike(
    asked: dict[str, Any], items: list[int], incidents: list[int], county: Store
) -> None:
    with county.reading() as unit:
        question = Question(**asked)
        assert [hit.item.id for hit in unit.search(question).hits] == items
        assert [found.id for found in unit.search_incidents(question).incidents] == incidents
        assert unit.item_facets(question).total == len(items)
        assert unit.incident_facets(question).total == len(incidents)


@pytest.mark.parametrize(
    ("line", "newest"), [("", {}), ("停水 或 滑坡", {1: 2, 2: 3}), ("停水", {1: 1, 2: 3}), ("-停水", {1: 2})]
)
def test_an_incident_answers_by_its_newest_item_that_does(
    line: str, newest: dict[int, int], county: Store
) -> None:
    with county.reading() as unit:
        found = unit.newest_answers(Question(tree=parse(line)), [1, 2])
    assert {incident: item.id for incident, item in found.items()} == newest


def counted(facets: Facets, name: str) -> dict[str | None, int]:
    return {found.value: found.count for found in facets.by[name]}


@pytest.mark.parametrize("tree", [parse(""), parse("滑坡 或 停水")])
def test_counts_are_of_the_incident_where_there_is_one(tree: Tree, county: Store) -> None:
    with county.reading() as unit:
        of_items = unit.item_facets(Question(tree=tree))
        of_incidents = unit.incident_facets(Question(tree=tree))
    assert counted(of_items, "severity") == {"2": 2, "4": 1, None: 3}
    assert counted(of_items, "kind") == {"accident": 3, "road_traffic": 3, "complaint": 1, None: 2}
    assert counted(of_items, "place") == {"田园镇": 2, "柯街镇": 1}
    assert counted(of_items, "source") == {"s0": 3, "s1": 3}
    assert counted(of_items, "role") == {"media": 2, "social": 4}
    assert counted(of_items, "month") == {"2026-03": 3, "2026-04": 3}
    assert {found.label for found in of_items.by["source"]} == {"县报0", "县报1"}
    assert counted(of_incidents, "department") == {"police": 1}
    assert counted(of_incidents, "outcome") == {"running": 1, "late": 1}
    assert counted(of_incidents, "state") == {"open": 1, "closed": 1}


@pytest.mark.parametrize("name", ["severity", "kind", "place", "source", "role"])
def test_a_count_is_what_the_filter_finds(name: str, county: Store) -> None:
    field = {"severity": "severities"}.get(name, f"{name}s")
    with county.reading() as unit:
        assert len(unit.item_facets(Question()).by[name]) > 1
        for found in unit.item_facets(Question()).by[name]:
            if found.value is not None:
                asked: dict[str, Any] = {field: (int(found.value) if name == "severity" else found.value,)}
                assert len(unit.search(Question(**asked)).hits) == found.count


def test_what_moves_to_another_incident_and_what_is_judged_anew_is_counted_anew(store: Store) -> None:
    stored = file_county(store)
    with store.transaction() as unit:
        unit.move_items([stored[0].id], 2)
        facets = unit.item_facets(Question())
    assert counted(facets, "severity") == {"2": 1, "4": 1, None: 4}


def test_two_items_of_one_minute_whose_numbers_collide_have_places_of_their_own(store: Store) -> None:
    items = [an_item(id=1 + n * SLOTS, key=str(n)) for n in range(3)]
    with store.connected() as connection:  # type: ignore[attr-defined]
        connection.execute(ITEMS.insert(), [row_of(item, ITEMS) for item in items])
        places = [*mark_items(connection, items[:1], [None]).values()]
        places += mark_items(connection, items[1:], [None, None]).values()
    assert [place - places[0] for place in places] == [0, 1, 2]


@pytest.mark.parametrize("line", ["塌方", "-停水", "路*"])
def test_pages_join_where_the_answers_stand_among_the_newest_items_and_where_not(
    line: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_LOOKED_AT", 1)
    titles = ["塌方路" if n % 7 < 3 else "停水" for n in range(40)]
    items = [
        an_item(key=f"p{n}", title=title, text="", published_at=after(minutes=n))
        for n, title in enumerate(titles)
    ]
    with store.transaction() as unit:
        unit.add_items(items, [None] * len(items))
    seen: list[int] = []
    before = None
    with store.reading() as unit:
        for _ in items:
            page = unit.search(Question(tree=parse(line), limit=2, before_id=before))
            seen += [hit.item.id for hit in page.hits]
            before = page.next_before_id
            if before is None:
                break
    assert seen == [n + 1 for n in reversed(range(40)) if n % 7 < 3]


def test_pages_stay_as_they_are_while_older_and_newer_items_arrive(store: Store) -> None:
    texts = [an_item(key=f"p{n}", title="塌方", published_at=after(minutes=n // 3)) for n in range(20)]
    with store.transaction() as unit:
        unit.add_items(texts, [None] * len(texts))
    seen: Counter[int] = Counter()
    before = None
    for turn in range(10):
        with store.transaction() as unit:
            page = unit.search(Question(tree=parse("塌方"), limit=3, before_id=before))
            seen.update(hit.item.id for hit in page.hits)
            late = an_item(key=f"late{turn}", title="塌方", published_at=after(days=1, minutes=turn))
            unit.add_items([late], [None])
        before = page.next_before_id
        if before is None:
            break
    assert seen == Counter(range(1, 21))


def test_a_kept_question_is_changed_and_forgotten(store: Store) -> None:
    kept = SavedQuestion(account="amy", name="停水", asked="{}", created_at=T0)
    with store.transaction() as unit:
        first = unit.save_question(kept)
        assert unit.save_question(replace(first, tells=True, told_at=after(hours=1))).told_at == after(
            hours=1
        )
        other = unit.save_question(replace(kept, account="bob"))
        assert [found.id for found in unit.saved_questions("bob")] == [other.id]
        unit.drop_question(first.id)
        assert [found.id for found in unit.saved_questions()] == [other.id]
