"""YAML text to plain data with the place of everything; the dialect is the core of YAML 1.2."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from monitor.errors import ConfigurationError

Path: TypeAlias = tuple[str | int, ...]

MAX_CHARACTERS: Final = 8_000_000
MAX_NODES: Final = 300_000
MAX_DEPTH: Final = 40


class Fault(NamedTuple):
    """One fault of a file; faults sort by place."""

    line: int
    column: int
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things stand: the file's `name`, its plain `data`, (line, column) of its keys and entries."""

    name: str
    data: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def fault(self, path: Path, message: str) -> Fault:
        """Return the fault at this path, or at the nearest part around it that is in the file."""
        words, node, at = "", self.data, (1, 1)
        for index, part in enumerate(path):
            words += f"[{part}]" if isinstance(node, list) else f".{part}"
            node = _child(node, part)
            at = self.marks.get(path[: index + 1], at)
        return Fault(*at, words.removeprefix("."), message)

    def error(self, faults: list[Fault]) -> ConfigurationError:
        """Return the error to raise for these faults, in the order of the file."""
        return ConfigurationError(
            tuple(
                f"{self.name}:{line}:{column}: {path + ': ' if path else ''}{message}"
                for line, column, path, message in sorted(faults)
            )
        )

    def known(self, path: Path) -> Path:
        """Return the path without the steps that the file does not have: pydantic adds its own."""
        node: Any = self.data
        known: Path = ()
        for part in path:
            child = _child(node, part)
            if child is not _NOTHING:
                node, known = child, (*known, part)
        return known


_NOTHING: Final = object()
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: Final = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "True": True,
    "false": False,
    "False": False,
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Replaced(str):
    """A text whose `${NAME}` were replaced; `written` is what stands in the file and may be shown."""

    __slots__ = ("written",)
    written: str


def _child(node: Any, part: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(part, _NOTHING)
    if isinstance(node, list) and isinstance(part, int) and 0 <= part < len(node):
        return node[part]
    return _NOTHING


def read_data(text: str | bytes, name: str, env: Mapping[str, str] | None) -> tuple[Any, Places, list[Fault]]:
    """Return plain data, its places and the faults found so far; raises ConfigurationError if unreadable."""
    return _Reader(decoded(text, name), name, env).read()


def decoded(text: str | bytes, name: str) -> str:
    """Return the text of the file; raises ConfigurationError at the first byte that is not UTF-8."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8", "replace")
        fault = Fault(*_position(before, len(before)), "", "不是 UTF-8 编码，请在编辑器里另存为 UTF-8")
        raise Places(name=name).error([fault]) from error


def _position(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


class _Reader:
    """Builds plain data from the parser's events: bounded, remembering places, obeying no YAML tag."""

    def __init__(self, text: str, name: str, env: Mapping[str, str] | None) -> None:
        self._text = text
        self._name = name
        self._env = env
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._marks: dict[Path, tuple[int, int]] = {}
        self._faults: list[tuple[Path, str]] = []
        self._repeated: list[tuple[Path, tuple[int, int], str]] = []
        self._events: Iterator[Any] = iter(())

    def read(self) -> tuple[Any, Places, list[Fault]]:
        """Return data, places and the faults that let reading go on; any other raises ConfigurationError."""
        if len(self._text) > MAX_CHARACTERS:
            raise self._stop((1, 1), f"文件太大，最多 {MAX_CHARACTERS} 个字符")
        data = None
        try:
            self._events = iter(yaml.parse(self._text, Loader=_LOADER))
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if data is not None:
                        raise self._stop(_mark(event), "只能有一份文档，请去掉多余的 ---")
                    data = self._value(next(self._events), (), 0)
        except yaml.reader.ReaderError as error:
            raise self._stop(_position(self._text, error.position), "含有不允许的控制字符") from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise self._stop(*_syntax_fault(self._text, at, error.problem or "")) from error
        if data is None:
            raise self._stop((1, 1), "文件是空的")
        places = Places(name=self._name, data=data, marks=self._marks)
        faults = [places.fault(path, message) for path, message in self._faults]
        faults += [Fault(*at, places.fault(path, "").path, message) for path, at, message in self._repeated]
        return data, places, faults

    def _stop(self, at: tuple[int, int], message: str) -> ConfigurationError:
        return Places(name=self._name).error([Fault(*at, "", message)])

    def _value(self, event: Any, path: Path, depth: int) -> Any:
        before = self._nodes
        self._nodes += 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > MAX_DEPTH:
            raise self._stop(_mark(event), f"嵌套超过 {MAX_DEPTH} 层")
        self._check_tag(event, path)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(path, depth)
        else:
            value = self._mapping(path, depth)
        if event.anchor:
            self._anchors[event.anchor] = value, self._nodes - before
        self._check_size(event)
        return value

    def _check_size(self, event: Any) -> None:
        if self._nodes > MAX_NODES:
            raise self._stop(_mark(event), f"内容太多（引用展开后超过 {MAX_NODES} 项）")

    def _check_tag(self, event: Any, path: Path) -> None:
        if event.tag not in (None, "!"):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._faults.append((path, f"不允许使用标签 {tag}"))

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise self._stop(_mark(event), f"引用了没有定义、或尚未写完的锚 *{event.anchor}")
        value, size = self._anchors[event.anchor]
        self._nodes += size
        self._check_size(event)
        return value

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            step = (*path, len(values))
            self._marks[step] = _mark(event)
            values.append(self._value(event, step, depth + 1))
        return values

    def _mapping(self, path: Path, depth: int) -> dict[str | int, Any]:
        values: dict[str | int, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._stop(_mark(event), "键必须是一个词，不能是列表、键值对或引用")
            key = int(event.value) if event.implicit[0] and _INTEGER.fullmatch(event.value) else event.value
            step = (*path, key)
            if key in values:
                message = f"重复的键，第 {self._marks[step][0]} 行已有"
                self._repeated.append((step, _mark(event), message))
                self._value(next(self._events), (*step, ""), depth + 1)
            else:
                self._marks[step] = _mark(event)
                values[key] = self._value(next(self._events), step, depth + 1)
        return values

    def _scalar(self, event: Any, path: Path) -> Any:
        if event.implicit[0] and event.tag is None:
            if event.value in _WORDS:
                return _WORDS[event.value]
            if _INTEGER.fullmatch(event.value):
                return int(event.value)
            if _FLOAT.fullmatch(event.value):
                return float(event.value)
        if self._env is None or not (names := _REFERENCE.findall(event.value)):
            return event.value
        for name in names:
            if name not in self._env:
                self._faults.append((path, f"环境变量 {name} 没有设置（写在 .env 里）"))
        env = self._env
        replaced = Replaced(_REFERENCE.sub(lambda match: env.get(match[1], match[0]), event.value))
        replaced.written = event.value
        return replaced


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


FULL_WIDTH_COLON: Final = "冒号是全角的，请改成英文冒号，后面空一格"
FULL_WIDTH_BLANK: Final = "缩进里有全角或不换行空格，请改用半角空格"
_KEY: Final = r" *(?:- +)?\{?[\w-]+"
_SLIPS: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (r" *(\t)", "不能用制表符（Tab）缩进，请改用空格"),
        (r"[ \t]*([\u3000\u00a0])", FULL_WIDTH_BLANK),
        (rf"{_KEY}(：)", FULL_WIDTH_COLON),
        (rf"{_KEY}(:)(?=[^ \t/])", "冒号后面要空一格"),
        (r" *(-)(?=[^\s-])", "短横线后面要空一格"),
        (r"[^\[\]#'\"]*(\[)[^\[\]#'\"]*$", "方括号没有配对，缺少 ]"),
    )
)

_CROOKED: Final = "缩进不对：同一层的各行要左边对齐"
_PROBLEMS: Final = {
    "did not find expected '-' indicator": _CROOKED,
    "did not find expected key": _CROOKED,
    "mapping values are not allowed in this context": "缩进不对，或文字里有冒号（有冒号的文字要加引号）",
    "could not find expected ':'": "缺少冒号；冒号后面要空一格",
    "did not find expected ',' or '}'": "花括号里各项之间要用英文逗号隔开，最后要有 }",
    "did not find expected ',' or ']'": "方括号里各项之间要用英文逗号隔开，最后要有 ]",
}


def _syntax_fault(text: str, at: tuple[int, int], problem: str) -> tuple[tuple[int, int], str]:
    """Return where and what to mend: the parser notices many a slip of the line before one line later."""
    lines = text.splitlines()
    before = [number for number in range(1, min(at[0], len(lines) + 1)) if lines[number - 1].strip()]
    for number in (*([at[0]] if at[0] <= len(lines) else []), *before[-1:]):
        for slip, message in _SLIPS:
            if found := slip.match(lines[number - 1]):
                return (number, found.start(1) + 1), message
    return at, _PROBLEMS.get(problem, f"YAML 写法有误，请检查缩进、冒号后的空格和引号（{problem}）")
