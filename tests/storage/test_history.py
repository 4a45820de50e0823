"""History answers what a plain scan would, newest first."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.asking.fold import fold
from monitor.classifiers.model import Grade, Severity
from monitor.incidents.model import IncidentState
from monitor.items.model import Item
from monitor.ports import Page, Question, Store
from storage.engine import open_store
from tests.support.builders import a_joining, a_verdict, after, an_incident, an_item, opening
from tests.support.databases import BOTH, fresh_database

KEYS = count()


@pytest.fixture(scope="module", params=BOTH)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Lend a store that all tests of this module share; each looks at its own items only."""
    folder = tmp_path_factory.mktemp("history")
    with fresh_database(request.param, folder) as url, closing(open_store(url)) as store:
        yield store


def store_texts(store: Store, *texts: tuple[str, str]) -> tuple[Item, ...]:
    items = [an_item(key=f"k{n}", title=title, text=body) for n, (title, body) in enumerate(texts)]
    with store.transaction() as unit:
        return unit.add_items(items, [None] * len(items))


def ask(store: Store, *words: str, **fields: Any) -> Page:
    with store.reading() as unit:
        return unit.search(Question(words=words, **fields))


def titles(page: Page) -> list[str]:
    return [hit.item.title for hit in page.hits]


@pytest.fixture(scope="module", params=BOTH)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Lend a store with three items that tests only read."""
    folder = tmp_path_factory.mktemp("told")
    with fresh_database(request.param, folder) as url, closing(open_store(url)) as store:
        store_texts(
            store,
            ("地方", "路，断了。🚒来了"),
            ("塌方", "雨，造成 Straße 中断。"),
            ("县道塌方 G219", "位于柯街镇"),
        )
        yield store


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("塌方",), ["县道塌方 G219", "塌方"]),
        (("方",), ["县道塌方 G219", "塌方", "地方"]),
        (("塌",), ["县道塌方 G219", "塌方"]),
        (("县道塌方",), ["县道塌方 G219"]),
        (("道塌",), ["县道塌方 G219"]),
        (("塌方", "柯街"), ["县道塌方 G219"]),
        (("g219",), ["县道塌方 G219"]),
        (("方 g",), ["县道塌方 G219"]),
        (("方g",), []),
        (("，造成",), ["塌方"]),
        (("路断",), []),
        (("路，断",), ["地方"]),
        (("。",), ["塌方", "地方"]),
        (("没有这词",), []),
        ((), ["县道塌方 G219", "塌方", "地方"]),
        (("",), ["县道塌方 G219", "塌方", "地方"]),
        (("%",), []),
        (('"',), []),
        (("\\",), []),
        (("塌方 OR 地方",), []),
        (("🚒",), ["地方"]),
        (("🚒来",), ["地方"]),
        (("STRASSE",), ["塌方"]),
        (("塌方雨",), []),
    ],
)
def test_a_word_is_found_wherever_it_stands(words: tuple[str, ...], found: list[str], told: Store) -> None:
    assert titles(ask(told, *words)) == found


ALPHABET = "塌方路，。 aAßＧ1🚒"
PIECES = st.text(st.sampled_from(ALPHABET), max_size=8)
QUESTIONS = st.lists(st.text(st.sampled_from(ALPHABET), max_size=3), max_size=2)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


def check_against_a_scan(store: Store, texts: list[tuple[str, str]], words: list[str]) -> None:
    items = [an_item(key=f"law-{next(KEYS)}", title=title, text=body) for title, body in texts]
    with store.transaction() as unit:
        stored = unit.add_items(items, [None] * len(items))
        hits = unit.search(Question(words=tuple(words), limit=10_000)).hits
    expected = [
        item.id
        for item in reversed(stored)
        if all(fold(word) in fold(item.title) or fold(word) in fold(item.text) for word in words)
    ]
    mine = {item.id for item in stored}
    assert [hit.item.id for hit in hits if hit.item.id in mine] == expected


@given(texts=st.lists(st.tuples(PIECES, PIECES), max_size=6), words=QUESTIONS)
@settings(max_examples=60)
def test_search_finds_exactly_what_a_scan_finds(
    kept: Store, texts: list[tuple[str, str]], words: list[str]
) -> None:
    check_against_a_scan(kept, texts, words)


@given(before=ANYTHING, word=ANYTHING, behind=ANYTHING)
@settings(max_examples=60)
def test_any_part_of_any_text_finds_it(kept: Store, before: str, word: str, behind: str) -> None:
    check_against_a_scan(kept, [("", before + word + behind)], [word])


def test_pages_are_newest_first_and_join_without_gap_or_overlap(store: Store) -> None:
    # Every second item looks like a hit to the index only: the pages must not notice.
    stored = store_texts(store, *((f"{n}", "路断" if n % 2 else "路，断") for n in range(40)))
    seen: list[int] = []
    before = None
    sizes = []
    while True:
        page = ask(store, "路断", limit=7, before_id=before)
        seen += [hit.item.id for hit in page.hits]
        sizes.append(len(page.hits))
        before = page.next_before_id
        if before is None:
            break
    assert seen == [item.id for item in reversed(stored) if item.text == "路断"]
    assert sizes == [7, 7, 6]


def test_a_full_last_page_has_no_next(store: Store) -> None:
    store_texts(store, *((f"{n}", "路断") for n in range(7)))
    assert ask(store, "路断", limit=7).next_before_id is None
    assert ask(store, limit=7).next_before_id is None
    assert ask(store, limit=6).next_before_id is not None


@pytest.fixture(scope="module", params=BOTH)
def filed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Lend a store with items of four hours; the first two belong to incidents of severity 1 and none."""
    folder = tmp_path_factory.mktemp("filed")
    with fresh_database(request.param, folder) as url, closing(open_store(url)) as store:
        file_items(store)
        yield store


def file_items(store: Store) -> None:
    grade = Grade(precautionary=Severity.ORDINARY)
    verdicts = [a_verdict(grade=grade), a_verdict(grade=grade), a_verdict(grade=grade), None]
    items = [an_item(title=f"{hour}时 塌方", published_at=after(hours=hour)) for hour in range(4)]
    with store.transaction() as unit:
        stored = unit.add_items(items, verdicts)
        first, second = unit.next_incident_id(), unit.next_incident_id()
        unit.save(
            opening(
                an_incident(id=first, severity=Severity.PARTICULARLY_SERIOUS, state=IncidentState.CLOSED),
                joinings=(a_joining(item_id=stored[0].id, incident_id=first),),
            )
        )
        unit.save(
            opening(
                an_incident(id=second, severity=None),
                joinings=(a_joining(item_id=stored[1].id, incident_id=second),),
            )
        )


@pytest.mark.parametrize(
    ("filters", "hours"),
    [
        ({}, [3, 2, 1, 0]),
        ({"since": after(hours=1)}, [3, 2, 1]),
        ({"until": after(hours=1)}, [0]),
        ({"since": after(hours=1), "until": after(hours=3)}, [2, 1]),
        ({"severities": (1,)}, [0]),
        ({"severities": (4,)}, [2]),
        ({"severities": (1, 4)}, [2, 0]),
        ({"states": ("closed",)}, [0]),
        ({"states": ("open", "closed")}, [1, 0]),
        ({"states": ("open",), "severities": (1,)}, []),
    ],
)
@pytest.mark.parametrize("words", [(), ("塌方",), ("方",)])
def test_filters_narrow_the_answer(
    words: tuple[str, ...], filters: dict[str, Any], hours: list[int], filed: Store
) -> None:
    assert titles(ask(filed, *words, **filters)) == [f"{hour}时 塌方" for hour in hours]


def test_a_hit_carries_its_verdict_and_incident(filed: Store) -> None:
    newest, graded, _, closed = ask(filed, "塌方").hits
    assert (newest.verdict, newest.incident_id, newest.incident_state, newest.severity) == (None,) * 4
    assert (graded.incident_id, graded.severity) == (None, 4)
    assert graded.verdict == a_verdict(grade=Grade(precautionary=Severity.ORDINARY))
    assert (closed.incident_id, closed.incident_state, closed.severity) == (1, "closed", 1)
