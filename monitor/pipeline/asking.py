"""Questions to history as people and programs type them, answered in either order, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from monitor.asking.figures import parse_bound
from monitor.asking.model import AskingError, wanted_words
from monitor.asking.parse import parse
from monitor.asking.rank import fitness
from monitor.classifiers.model import Severity
from monitor.classifiers.segment import JiebaSegmenter
from monitor.clock import SHANGHAI, as_utc
from monitor.collectors.model import Role
from monitor.incidents.model import IncidentState
from monitor.ports import Store, Transaction
from monitor.ports.history import ClockOutcome, Hit, Order, Page, Question

BEST_OF = 1000
"""Of how many answers, the newest ones, the best come first; older ones follow by time."""
LARGEST = 2**31 - 1
LONGEST_VALUE = 200
_AT_ONCE = 500


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
        figures=tuple(parse_bound(line) for line in asked.figures if line.strip()),
        limit=limit,
        with_verdicts=with_verdicts,
    )


def _names(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if len(value) > LONGEST_VALUE or not value.isprintable():
            raise AskingError(None, f"{field}：最长 {LONGEST_VALUE} 个字，不能有控制字符")
    return tuple(value for value in values if value)


def _known(field: str, values: tuple[str, ...], known: list[str]) -> tuple[str, ...]:
    for value in values:
        if value and value not in known:
            raise AskingError(None, f"{field}：只能是 {'、'.join(known)}")
    return tuple(value for value in values if value)


def _instant(field: str, text: str, *, ends: bool) -> datetime | None:
    """Return a border of the range: a day means the whole local day, a time without a zone is local."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if ends and len(text) == len("2026-11-24"):
            at += timedelta(days=1)
        return as_utc(at if at.tzinfo else at.replace(tzinfo=SHANGHAI))
    except (ValueError, OverflowError) as error:
        raise AskingError(None, f"{field}：日期应写作 2026-11-24（现为“{text[:30]}”）") from error


def find(transaction: Transaction, question: Question, order: str, cursor: str) -> Found:
    """Return the page behind a cursor, the first one for ""; raises AskingError for what was never a cursor.

    By time a cursor is the id of the last answer. By fitness it names the item that was stored last when the
    first page was made: what arrives later is not among the answers, so no page skips or repeats any.
    """
    if order == Order.NEWEST:
        page = transaction.search(replace(question, before_id=page_number(cursor)))
        return Found(hits=page.hits, cursor=_next(page))
    return _find_best(transaction, question, cursor)


def _find_best(transaction: Transaction, question: Question, cursor: str) -> Found:
    as_of, _, place = cursor.partition(".")
    last = _number(as_of) if cursor else transaction.last_item_id()
    asked = replace(question, as_of=last)
    if place.startswith("t"):  # behind the ranked ones: by time
        page = transaction.search(replace(asked, before_id=_number(place[1:])))
        return Found(hits=page.hits, cursor=_next(page, f"{last}.t"))
    newest = transaction.search(replace(asked, limit=BEST_OF, with_verdicts=False))
    words = wanted_words(question.asked)
    ranked = sorted(
        newest.hits, key=lambda hit: -fitness(words, hit.item.title, hit.item.text, segmenter().lcut)
    )
    start = _number(place) if place else 0
    end = start + question.limit
    following = f"{last}.{end}" if end < len(ranked) else _next(newest, f"{last}.t")
    return Found(hits=tuple(ranked[start:end]), cursor=following)


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


def every_hit(
    store: Store, question: Question, on_page: Callable[[int], None] | None = None
) -> Iterator[Hit]:
    """Yield every answer, newest first, as of the first page; a transaction a page: nobody waits for it.

    `on_page` is told how many were yielded with each page.
    """
    before: int | None = None
    with store.reading() as transaction:
        asked = replace(question, limit=_AT_ONCE, as_of=transaction.last_item_id())
    while True:
        with store.reading() as transaction:
            page = transaction.search(replace(asked, before_id=before))
        yield from page.hits
        if on_page is not None:
            on_page(len(page.hits))
        before = page.next_before_id
        if before is None:
            return
