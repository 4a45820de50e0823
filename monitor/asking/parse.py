"""A line of words -> the tree of what is asked.

    停水 柯街镇              both stand somewhere       停水 与 柯街镇 · 停水 AND 柯街镇
    停水 或 断水             one of them at least       停水 | 断水 · 停水 OR 断水
    停水 -演练               the second does not        停水 非 演练 · 停水 NOT 演练
    “柯街 供水”              characters in a row        "…" 「…」 『…』
    (停水 或 断水) 柯街      what belongs together      （…）
    柯街*                    柯街 and whatever follows

Or binds less than and; and is what a blank means. A word is found wherever its characters stand in a row, so
`柯街*` finds what 柯街 finds. 与, 或, 非 are signs only where they stand alone; in quotes all is a word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from monitor.asking.fold import fold
from monitor.asking.model import EVERYTHING, AllOf, AnyOf, AskingError, Tree, Without, Word

LONGEST = 500
MOST_WORDS = 40
DEEPEST = 20
_CLOSING = {"“": "”", "”": "”", '"': '"', "「": "」", "『": "』", "＂": "＂"}
_WORD = re.compile(r'[^\s()（）|｜“”"＂「」『』]+')
_LONE_QUOTES = frozenset("」』")


class _Sign(Enum):
    AND = "与"
    OR = "或"
    NOT = "非"
    OPEN = "（"
    CLOSE = "）"


_SIGNS = {
    "与": _Sign.AND, "AND": _Sign.AND, "&": _Sign.AND, "&&": _Sign.AND,
    "或": _Sign.OR, "OR": _Sign.OR, "||": _Sign.OR, "|": _Sign.OR, "｜": _Sign.OR,
    "非": _Sign.NOT, "NOT": _Sign.NOT,
    "(": _Sign.OPEN, "（": _Sign.OPEN, ")": _Sign.CLOSE, "）": _Sign.CLOSE,
}  # fmt: skip
_MINUS = ("-", "－", "−")
_STARS = ("*", "＊")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A sign or a word; `column` counts from 1."""

    what: _Sign | Word
    column: int
    shown: str


def parse(line: str) -> Tree:
    """Return what a line asks for, everything if it is blank; raises AskingError."""
    if len(line) > LONGEST:
        raise AskingError(LONGEST + 1, f"检索式最长 {LONGEST} 个字")
    tokens = tuple(_tokens(line))
    words = [token for token in tokens if isinstance(token.what, Word)]
    if len(words) > MOST_WORDS:
        raise AskingError(words[MOST_WORDS].column, f"最多 {MOST_WORDS} 个词")
    if not tokens:
        return EVERYTHING
    return _Reader(tokens, len(line) + 1).whole()


def _tokens(line: str) -> Iterator[_Token]:
    at = 0
    while at < len(line):
        sign = line[at]
        if sign.isspace():
            at += 1
        elif sign in _CLOSING:
            end = line.find(_CLOSING[sign], at + 1)
            yield _phrase(line, at, end)
            at = end + 1
        elif sign in _LONE_QUOTES:
            raise AskingError(at + 1, f"“{sign}”前面没有与它成对的引号")
        elif sign in _SIGNS and not _WORD.match(sign):
            yield _Token(what=_SIGNS[sign], column=at + 1, shown=sign)
            at += 1
        elif sign in _MINUS:
            yield _Token(what=_Sign.NOT, column=at + 1, shown=sign)
            at += 1
        else:
            end = _WORD.match(line, at).end()  # type: ignore[union-attr]  # every other sign belongs to a word
            yield _plain(line[at:end], at + 1)
            at = end


def _phrase(line: str, start: int, end: int) -> _Token:
    if end < 0:
        raise AskingError(start + 1, "引号没有成对，缺少右引号")
    text = line[start + 1 : end]
    if not text.strip():
        raise AskingError(start + 1, "引号里没有字")
    return _word(text, start + 1)


def _plain(text: str, column: int) -> _Token:
    if text in _SIGNS:
        return _Token(what=_SIGNS[text], column=column, shown=text)
    bare = text.rstrip("".join(_STARS))
    if not bare:
        raise AskingError(column, "“*”前面缺少词")
    for star in _STARS:
        if star in bare:
            raise AskingError(column + bare.index(star), "“*”只能写在词的末尾")
    return _word(bare, column)


def _word(text: str, column: int) -> _Token:
    bad = next((at for at, sign in enumerate(text) if sign < " " or "\ud800" <= sign <= "\udfff"), None)
    if bad is not None or not fold(text):
        raise AskingError(column + (bad or 0), "有看不见的控制字符")
    return _Token(what=Word(text=text), column=column, shown=text)


class _Reader:
    """Reads tokens by descent, one level of binding for each method."""

    def __init__(self, tokens: tuple[_Token, ...], end: int) -> None:
        self._tokens = tokens
        self._end = end
        self._at = 0
        self._depth = 0

    def whole(self) -> Tree:
        tree = self._any()
        if self._sign() is not None or self._at < len(self._tokens):
            raise AskingError(self._tokens[self._at].column, "右括号多了一个")
        return tree

    def _sign(self) -> _Sign | None:
        here = self._tokens[self._at].what if self._at < len(self._tokens) else None
        return here if isinstance(here, _Sign) else None

    def _any(self) -> Tree:
        parts = [self._all()]
        while self._sign() is _Sign.OR:
            self._at += 1
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(parts=tuple(parts))

    def _all(self) -> Tree:
        parts = [self._one()]
        while self._at < len(self._tokens) and self._sign() not in (_Sign.OR, _Sign.CLOSE):
            if self._sign() is _Sign.AND:
                self._at += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))

    def _one(self) -> Tree:
        if self._at == len(self._tokens):
            raise AskingError(*self._missing())
        token = self._tokens[self._at]
        match token.what:
            case Word():
                self._at += 1
                return token.what
            case _Sign.NOT | _Sign.OPEN:
                self._depth += 1
                if self._depth > DEEPEST:
                    raise AskingError(token.column, f"括号和“非”最多套 {DEEPEST} 层")
                tree = self._excluded() if token.what is _Sign.NOT else self._group(token)
                self._depth -= 1
                return tree
            case _:
                raise AskingError(*self._missing())

    def _excluded(self) -> Tree:
        self._at += 1
        return Without(part=self._one())

    def _group(self, opened: _Token) -> Tree:
        self._at += 1
        if self._sign() is _Sign.CLOSE:
            raise AskingError(opened.column, "括号里没有词")
        tree = self._any()
        if self._sign() is not _Sign.CLOSE:
            raise AskingError(opened.column, "括号没有成对，缺少右括号")
        self._at += 1
        return tree

    def _missing(self) -> tuple[int, str]:
        """Return where a word is missing, and beside what."""
        before = self._tokens[self._at - 1] if self._at else None
        if before is not None and isinstance(before.what, _Sign) and before.what is not _Sign.CLOSE:
            return before.column, f"“{before.shown}”后面缺少词"
        if self._at == len(self._tokens):
            return self._end, "这里缺少词"
        here = self._tokens[self._at]
        return here.column, "右括号多了一个" if here.what is _Sign.CLOSE else f"“{here.shown}”前面缺少词"
