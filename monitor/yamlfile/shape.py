"""Plain data to a checked `*File`; pydantic's faults become words with a place."""

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from monitor.yamlfile.reader import (
    FULL_WIDTH_BLANK,
    FULL_WIDTH_COLON,
    Fault,
    Path,
    Places,
    Replaced,
    read_data,
)

Model = TypeVar("Model", bound=BaseModel)

SECRET_KEYS: Final = frozenset({"secret", "password", "token"})


class YamlFile(BaseModel):
    """The base of every `*File` and of its parts: unknown keys are refused, numbers may stand for text.

    A key with nothing after it, where a list or a mapping may be left out, counts as left out: its entries
    may all be comments.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or not cls._may_be_empty(key)}

    @classmethod
    def _may_be_empty(cls, key: Any) -> bool:
        field = cls.model_fields.get(key)
        return field is not None and field.get_default(call_default_factory=True) in ((), [], {})


def read_yaml(
    text: str | bytes,
    name: str,
    model: type[Model],
    env: Mapping[str, str] | None = None,
    *,
    known: Callable[[Any], Mapping[str, Any]] | None = None,
    secret_keys: frozenset[str] = SECRET_KEYS,
) -> tuple[Model, Places]:
    """Read one file into its model; raises ConfigurationError with every fault of text, shape and references.

    With `env`, `${NAME}` in any text value is replaced, and an unset name is a fault; without, it stays as
    it is. `known` looks at the plain data (which may be faulty) and returns pydantic's validation context,
    against which field validators check references, so that those are reported together with all else. A
    value under one of `secret_keys`, and a replaced one, is never repeated in a message.
    """
    data, places, faults = read_data(text, name, env)
    context = known(data) if known else None
    file, more = check_shape(data, model, places, (), context, secret_keys=secret_keys)
    if file is None or faults:
        named = {fault[:3] for fault in faults}
        raise places.error(faults + [fault for fault in more if fault[:3] not in named])
    return file, places


def check_shape(
    data: Any,
    model: type[Model],
    places: Places,
    path: Path,
    context: Mapping[str, Any] | None = None,
    *,
    secret_keys: frozenset[str] = SECRET_KEYS,
) -> tuple[Model | None, list[Fault]]:
    """Read the part of a file that stands at `path`; return it, or None with its faults."""
    try:
        return model.model_validate(data, context=context), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_translated(places, path, detail, secret_keys, model) for detail in details]


_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识的键",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表（每项以 - 开头，或写成 [甲, 乙]）",
    "tuple_type": "应为列表（每项以 - 开头，或写成 [甲, 乙]）",
    "frozen_set_type": "应为列表（每项以 - 开头，或写成 [甲, 乙]）",
    "dict_type": "应为键值对",
    "model_type": "应为键值对",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "union_tag_invalid": "只能是 {expected_tags}",
    "union_tag_not_found": "缺少这一项",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "string_pattern_mismatch": "格式不对，须符合 {pattern}",
    "value_error": "{error}",
}
_SHOWS_NO_VALUE: Final = frozenset({"missing", "extra_forbidden", "union_tag_not_found"})


def _translated(
    places: Places, at: Path, detail: ErrorDetails, secret_keys: frozenset[str], model: type[BaseModel]
) -> Fault:
    path = (*places.known((*at, *detail["loc"])), *_missing_step(places, at, detail))
    words = fault_words(detail, is_secret=not secret_keys.isdisjoint(path))
    hint = _meant(str(path[-1]), model) if detail["type"] == "extra_forbidden" and path else ""
    return places.fault(path, words + hint)


def _meant(key: str, model: type[BaseModel]) -> str:
    """Return what an unknown key was probably meant to be."""
    if "：" in key:
        return f"：{FULL_WIDTH_COLON}"
    if key[0] in "\u3000\u00a0":
        return f"：{FULL_WIDTH_BLANK}"
    if key in _known_keys(model):
        return "：不属于这一层，请检查缩进"
    close = get_close_matches(key, _known_keys(model), n=1)
    return f"，是否指 {close[0]}？" if close else ""


@cache
def _known_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every key that a file of this shape may have anywhere."""
    schema = model.model_json_schema()
    shapes = (schema, *schema.get("$defs", {}).values())
    return tuple(sorted({key for shape in shapes for key in shape.get("properties", ())}))


def fault_words(detail: ErrorDetails, *, is_secret: bool = False) -> str:
    """Return a fault of pydantic in the language of those who edit, with the value found unless secret."""
    kind = detail["type"]
    template = _MESSAGES.get(kind)
    message = template.format(**detail.get("ctx", {})).replace(" or ", " 或 ") if template else detail["msg"]
    return message if is_secret or kind in _SHOWS_NO_VALUE else message + _shown(detail["input"])


def _missing_step(places: Places, at: Path, detail: ErrorDetails) -> Path:
    """Return the key that a fault is about although the file does not have it."""
    if detail["type"].startswith("union_tag"):
        return (detail["ctx"]["discriminator"].strip("'"),)
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    is_about_a_key = detail["type"] in ("missing", "value_error") and last.isidentifier()
    return (last,) if is_about_a_key and last not in places.known((*at, *detail["loc"]))[-1:] else ()


def _shown(found: Any) -> str:
    if not isinstance(found, str | int | float) or found == "":
        return ""
    written = found.written if isinstance(found, Replaced) else found
    words = json.dumps(written, ensure_ascii=False, default=str)
    return f"（现为 {words if len(words) <= 60 else words[:57] + '…'}）"
