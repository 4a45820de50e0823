"""Questions to history as people and programs type them, answered in either order, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from heapq import nlargest
from typing import TypeVar

from monitor.asking.figures import parse_bound
from monitor.asking.model import AskingError, wanted_words
from monitor.asking.parse import parse
from monitor.asking.rank import fitness
from monitor.classifiers.model import Severity
from monitor.classifiers.segment import JiebaSegmenter
from monitor.clock import SHANGHAI, as_utc
from monitor.collectors.model import Role
from monitor.incidents.model import Incident, IncidentState
from monitor.ports import Store, Transaction
from monitor.ports.history import ClockOutcome, Hit, Order, Page, Question

BEST_OF = 10_000
"""Of how many answers, the newest ones, the best come first, in half a second; older ones follow by time."""
LARGEST = 2**31 - 1
LONGEST_VALUE = 200
MOST_VALUES = 50
_AT_ONCE = 1000
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it was typed: words of `q`, dates or instants, codes and names.

    It can be stored and asked again. A day in `since` or `until` is the whole local day, both included.
    """

    q: str = ""
    since: str = ""
    until: str = ""
    severity: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    order: str = Order.NEWEST.value

    @property
    def is_blank(self) -> bool:
        """Return whether everything is asked for."""
        return replace(self, order="") == Asked(order="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of answers in the order asked for; `cursor` asks for the next one, None at the end."""

    hits: tuple[Hit, ...]
    cursor: str | None


def read_question(asked: Asked, *, limit: int = 50, with_verdicts: bool = False) -> Question:
    """Return what was typed as a question; raises AskingError with the first fault."""
    since, until = _instant("起", asked.since, ends=False), _instant("止", asked.until, ends=True)
    if since is not None and until is not None and since >= until:
        raise AskingError(None, f"起始日期 {asked.since} 晚于截止日期 {asked.until}")
    _known("order", (asked.order,), [order.value for order in Order])
    return Question(
        tree=parse(asked.q),
        since=since,
        until=until,
        severities=tuple(
            int(level) for level in _known("级别", asked.severity, [str(int(level)) for level in Severity])
        ),
        kinds=_names("类型", asked.kind),
        places=_names("地点", asked.place),
        sources=_names("信源", asked.source),
        roles=_known("信源类别", asked.role, [role.value for role in Role]),
        states=_known("状态", asked.status, [state.value for state in IncidentState]),
        departments=_names("部门", asked.department),
        outcomes=_known("时限", asked.outcome, [outcome.value for outcome in ClockOutcome]),
        figures=tuple(parse_bound(line) for line in _few("数据", asked.figures)),
        limit=limit,
        with_verdicts=with_verdicts,
    )


def _few(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values that are not blank, each once."""
    given = [value for value in values if value.strip()]
    if len(given) > MOST_VALUES:
        raise AskingError(None, f"{field}：最多 {MOST_VALUES} 个")
    return tuple(dict.fromkeys(given))


def _names(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    given = _few(field, values)
    if any(len(value) > LONGEST_VALUE or not value.isprintable() for value in given):
        raise AskingError(None, f"{field}：最长 {LONGEST_VALUE} 个字，不能有控制字符")
    return given


def _known(field: str, values: tuple[str, ...], known: list[str]) -> tuple[str, ...]:
    given = _few(field, values)
    if not set(given) <= set(known):
        raise AskingError(None, f"{field}：只能是 {'、'.join(known)}")
    return given


def _instant(field: str, text: str, *, ends: bool) -> datetime | None:
    """Return a border of the range: a day means the whole local day, a time without a zone is local."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if ends and _is_day(text):
            at += timedelta(days=1)
        return as_utc(at if at.tzinfo else at.replace(tzinfo=SHANGHAI))
    except (ValueError, OverflowError) as error:
        raise AskingError(None, f"{field}：日期应写作 2026-11-24（现为“{text[:30]}”）") from error


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def find(transaction: Transaction, question: Question, order: str, cursor: str) -> Found:
    """Return the page behind a cursor, the first one for ""; raises AskingError for what was never a cursor.

    By time a cursor is the id of the last answer. By fitness it names the item that was stored last when the
    first page was made: what arrives later is not among the answers, so no page skips or repeats any.
    """
    words = wanted_words(question.asked)
    if order == Order.NEWEST or not words:
        page = transaction.search(replace(question, before_id=page_number(cursor)))
        return Found(hits=page.hits, cursor=_next(page))
    return _find_best(transaction, question, words, cursor)


def _find_best(transaction: Transaction, question: Question, words: tuple[str, ...], cursor: str) -> Found:
    as_of, _, place = cursor.partition(".")
    last = _number(as_of) if cursor else transaction.last_item_id()
    asked = replace(question, as_of=last)
    if place.startswith("t"):  # behind the ranked ones: by time
        page = transaction.search(replace(asked, before_id=_number(place[1:])))
        return Found(hits=page.hits, cursor=_next(page, f"{last}.t"))
    read = _Newest(transaction, asked)
    start = _number(place) if place else 0
    end = start + question.limit
    cut = segmenter().lcut
    best = nlargest(end, read, key=lambda hit: fitness(words, hit.item.title, hit.item.text, cut))
    place = str(end) if end < read.count else f"t{read.older}" if read.older else ""
    return Found(hits=tuple(best[start:]), cursor=f"{last}.{place}" if place else None)


class _Newest:
    """The answers that are ranked, read page by page; then `count` of them are read and `older` is behind."""

    def __init__(self, transaction: Transaction, question: Question) -> None:
        self._transaction = transaction
        self._question = question
        self.count = 0
        self.older: int | None = None

    def __iter__(self) -> Iterator[Hit]:
        while self.count < BEST_OF:
            size = min(_AT_ONCE, BEST_OF - self.count)
            page = self._transaction.search(replace(self._question, limit=size, before_id=self.older))
            self.count += len(page.hits)
            self.older = page.next_before_id
            yield from page.hits
            if self.older is None:
                return


def _next(page: Page, prefix: str = "") -> str | None:
    return None if page.next_before_id is None else f"{prefix}{page.next_before_id}"


def page_number(cursor: str) -> int | None:
    """Return the id of the last answer of the page before, None for the first page; raises AskingError."""
    return _number(cursor) if cursor else None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:11]) <= LARGEST:
        raise AskingError(None, "页码不对，请从第一页重新检索")
    return int(text)


@cache
def segmenter() -> JiebaSegmenter:
    """Return the segmenter that answers are ranked with; the first call takes a second."""
    return JiebaSegmenter()


Told = Callable[[int], None]
"""Is told how many more were read with each page."""


def every_hit(store: Store, question: Question, on_page: Told | None = None) -> Iterator[Hit]:
    """Yield every answer, newest first, as of the first page; a transaction a page: nobody waits for it."""
    with store.reading() as transaction:
        asked = replace(question, limit=_AT_ONCE, as_of=transaction.last_item_id())

    def read(transaction: Transaction, before: int | None) -> tuple[tuple[Hit, ...], int | None]:
        page = transaction.search(replace(asked, before_id=before))
        return page.hits, page.next_before_id

    return _every(store, read, on_page)


def every_incident(store: Store, question: Question, on_page: Told | None = None) -> Iterator[Incident]:
    """Yield every incident that answers, the last opened first; one that opens meanwhile is none of them."""
    asked = replace(question, limit=_AT_ONCE)

    def read(transaction: Transaction, before: int | None) -> tuple[tuple[Incident, ...], int | None]:
        page = transaction.search_incidents(replace(asked, before_id=before))
        return page.incidents, page.next_before_id

    return _every(store, read, on_page)


def _every(
    store: Store,
    read: Callable[[Transaction, int | None], tuple[tuple[_Answer, ...], int | None]],
    on_page: Told | None,
) -> Iterator[_Answer]:
    before: int | None = None
    while True:
        with store.reading() as transaction:
            answers, before = read(transaction, before)
        yield from answers
        if on_page is not None:
            on_page(len(answers))
        if before is None:
            return
