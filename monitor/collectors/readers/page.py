"""HTML list pages -> raw items, by the CSS selectors of the source."""

import re
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from monitor.collectors.model import RawItem, Reading, Source
from monitor.collectors.readers.limits import is_too_heavy

# A list page has some thousand; 30,000 nested ones take about 3 s.
_MAX_TAGS = 30_000
_DATE = re.compile(
    r"(?<!\d)\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|[\[(（]\d{1,2}[-/.]\d{1,2}[\])）]|(?<!\d)\d{1,2}月\d{1,2}日(?:\s*\d{1,2}:\d{2})?"
)


def read_page(text: str, source: Source) -> Reading:
    """Read a list page by `reading`: selectors `list title link date text`, regex `date_pattern`.

    `title` and `link` default to the first link of the entry; without `date` the whole entry is searched
    for a date. A selector that finds nothing is a problem: a site that was rebuilt must not look like a
    quiet one.
    """
    if is_too_heavy(text, _MAX_TAGS):
        return Reading(problems=("too_many_elements",))
    selectors = {name: str(value) for name, value in source.reading.items()}
    try:
        tree = LexborHTMLParser(text)
        entries = tree.css(selectors.get("list", "li"))
        base = _base(tree, source.address)
        pattern = re.compile(selectors["date_pattern"]) if "date_pattern" in selectors else _DATE
        found = [_raw_item(entry, selectors, base, pattern) for entry in entries]
    except (SelectolaxError, re.error) as error:
        return Reading(problems=(f"bad_selector: {str(error)[:200]}",))
    items = tuple(item for item in found if item is not None)
    if not items:
        return Reading(problems=(f"nothing_selected: {selectors.get('list', 'li')}",))
    return Reading(items=items)


def _raw_item(
    entry: LexborNode, selectors: dict[str, str], base: str, pattern: re.Pattern[str]
) -> RawItem | None:
    """Return one list entry, or None for an entry without a link, as headings and spacers are."""
    link = entry.css_first(selectors.get("link", "a"))
    href = (link.attributes.get("href") or "") if link else ""
    url = _absolute(base, href)
    if link is None or url is None:
        return None
    title = entry.css_first(selectors["title"]) if "title" in selectors else link
    text = entry.css_first(selectors["text"]) if "text" in selectors else None
    return RawItem(
        url=url,
        title=_title(title, link),
        text=text.text(separator=" ") if text else "",
        published_raw=_date(entry, link, selectors.get("date"), pattern),
    )


def _title(node: LexborNode | None, link: LexborNode) -> str:
    """Return the words of the title; a shortened one gives way to the full one in the `title` attribute."""
    words = (node or link).text().strip()
    full = ((node.attributes.get("title") if node else None) or link.attributes.get("title") or "").strip()
    is_shortened = words.endswith(("…", "...", "..")) or len(full) > len(words)
    return full if full and is_shortened else words


def _date(entry: LexborNode, link: LexborNode, selector: str | None, pattern: re.Pattern[str]) -> str | None:
    """Return the publisher's date string: from the date node, else from the entry outside its link."""
    node = entry.css_first(selector) if selector else entry
    words = node.text(separator=" ").strip() if node else ""
    if not selector:
        words = words.replace(link.text(separator=" ").strip(), " ")
    if found := pattern.search(words):
        return next((group for group in found.groups() if group), found.group(0))
    return words[:100] if selector and words else None


def _base(tree: LexborHTMLParser, address: str) -> str:
    """Return what relative links are relative to: the page's base element, else its address."""
    node = tree.css_first("base[href]")
    return _absolute(address, (node.attributes.get("href") if node else None) or "") or address


def _absolute(base: str, href: str) -> str | None:
    """Return an absolute web address, or None for scripts, anchors and addresses that cannot be read."""
    if not href.strip() or href.strip().startswith("#"):
        return None
    try:
        url = urljoin(base, href.strip())
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None
