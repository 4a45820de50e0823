"""Text of `sources.yaml` to sources, or every fault with its place."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import jmespath
import yaml
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from monitor.collectors.model import Politeness, Role, Source, SourceKind
from monitor.yamlfile import Length, WebAddress, YamlFile, between, read_web_address, read_yaml

Scope: TypeAlias = Literal["county", "city", "province", "nation"]

BASES = ("newsnow", "dailyhot", "rsshub")
SCOPES = get_args(Scope)
SOURCE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def read_sources(
    text: str | bytes, name: str = "sources.yaml", env: Mapping[str, str] | None = None
) -> tuple[Source, ...]:
    """Read `sources.yaml`, disabled sources included; raises ConfigurationError with every fault."""
    file, _ = read_yaml(text, name, SourcesFile, env or {}, known=_known_in_file)
    return tuple(_source(entry) for entry in file.sources)


def write_sources(sources: Iterable[Source]) -> str:
    """Return feed sources as entries to be pasted under `sources:`, defaults left out."""
    entries = [
        {
            "id": source.id,
            "name": source.name,
            "kind": str(source.kind),
            "role": str(source.role),
            "address": source.address,
            "rank": source.rank,
            **({"scope": source.scope} if source.scope else {}),
            "every": f"{int(source.every.total_seconds())}s",
            **({} if source.verified else {"verified": False}),
            **({} if source.enabled else {"enabled": False}),
            **({"comment": source.comment} if source.comment else {}),
        }
        for source in sources
    ]
    return yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=1000)


def _source(entry: "SourceFile") -> Source:
    politeness = {key: getattr(entry, key) for key in Politeness.__dataclass_fields__}
    return Source(
        id=entry.id,
        name=entry.name,
        kind=SourceKind(entry.kind),
        role=entry.role,
        address=entry.address if isinstance(entry, PolledFile) else "",
        rank=entry.rank,
        scope=entry.scope,
        every=entry.every,
        zone=ZoneInfo(entry.zone),
        verified=entry.verified,
        enabled=entry.enabled,
        platform=entry.platform,
        politeness=Politeness(**politeness),
        reading=MappingProxyType(_reading(entry.reading.model_dump(exclude_none=True))),
        secret=entry.secret if isinstance(entry, InboxFile) else "",
        comment=entry.comment,
    )


def _reading(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the readers take: the expressions of a mapping stand beside its shape."""
    mapping: dict[str, Any] = given.pop("mapping", {})
    return given | mapping


def _known_in_file(data: Any) -> Mapping[str, Any]:
    top = data if isinstance(data, dict) else {}
    return {"bases": {base: top.get(f"{base}_base") for base in BASES}, "ids": set()}


# -- checks that types cannot make


def _new_id(id_: str, info: ValidationInfo) -> str:
    seen: set[str] = (info.context or {})["ids"]
    if id_ in seen:
        raise ValueError("与前面的信源编号重复")
    seen.add(id_)
    return id_


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("没有这个时区，如 Asia/Shanghai") from error
    return name


def _selector(selector: str) -> str:
    try:
        LexborHTMLParser("").css(selector)
    except SelectolaxError as error:
        raise ValueError("不是有效的 CSS 选择器") from error
    return selector


def _expression(expression: str) -> str:
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError("不是有效的 JMESPath 表达式") from error
    return expression


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError("不是有效的正则表达式") from error
    return pattern


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


Words = Annotated[str, Field(min_length=1, max_length=200)]
Selector = Annotated[str, AfterValidator(_selector)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Column: TypeAlias = Literal["id", "url", "title", "text", "time", "author", "heat", "rank"]
Expression = Annotated[str, AfterValidator(_expression)]


# -- the file


class FeedReading(YamlFile):
    """A feed needs nothing more."""


class HotlistMapping(YamlFile):
    """Where things stand in any other JSON: `items` from the top, the rest from one item."""

    items: Expression
    title: Expression
    url: Expression | None = None
    id: Expression | None = None
    text: Expression | None = None
    time: Expression | None = None
    heat: Expression | None = None
    rank: Expression | None = None


class HotlistReading(YamlFile):
    """The shape of the JSON; only `jmespath` needs and takes a mapping."""

    shape: Literal["newsnow", "dailyhot", "jmespath"]
    mapping: Annotated[HotlistMapping | None, Field(validate_default=True)] = None

    @field_validator("mapping")
    @classmethod
    def _fits_shape(cls, mapping: HotlistMapping | None, info: ValidationInfo) -> HotlistMapping | None:
        if "shape" in info.data and (info.data["shape"] == "jmespath") != (mapping is not None):
            raise ValueError("shape: jmespath 须有 mapping，其他 shape 不用")
        return mapping


class PageReading(YamlFile):
    """CSS selectors: `list` finds each entry, the others look inside; else the entry itself is the link."""

    list: Selector
    title: Selector | None = None
    link: Selector | None = None
    date: Selector | None = None
    text: Selector | None = None
    date_pattern: Pattern | None = None


class InboxReading(YamlFile):
    """Files are taken from `folder`; `columns` maps our names to the sender's."""

    folder: Words | None = None
    columns: dict[Column, Words] = Field(default_factory=dict)


class SourceBase(YamlFile):
    """What every kind of source has."""

    id: Annotated[str, Field(pattern=f"^{SOURCE_ID.pattern}$"), AfterValidator(_new_id)]
    name: Words
    role: Role
    rank: Annotated[int, Field(ge=1, le=10)] = 5
    scope: Scope | None = None
    every: Annotated[Length, between("1m", "24h")] = timedelta(minutes=10)
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    verified: bool = True
    enabled: bool = True
    platform: Words | None = None
    comment: str = ""
    timeout: Annotated[Length, between("1s", "2m")] = Politeness().timeout
    max_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = Politeness().max_bytes
    max_redirects: Annotated[int, Field(ge=0, le=10)] = Politeness().max_redirects
    spacing: Annotated[Length, between("0s", "10m")] = Politeness().spacing
    own: bool = False
    allow_private: bool = False


class PolledFile(SourceBase):
    """A source with an address; `{newsnow}` and the like stand for the bases at the top of the file."""

    address: str

    @field_validator("address")
    @classmethod
    def _can_be_fetched(cls, address: str, info: ValidationInfo) -> str:
        bases: Mapping[str, Any] = (info.context or {})["bases"]
        for name in re.findall(r"\{(\w+)\}", address):
            if name not in bases:
                raise ValueError(
                    f"没有 {{{name}}} 这个基址，只有 " + "、".join(f"{{{base}}}" for base in bases)
                )
            if bases[name]:
                address = address.replace(f"{{{name}}}", str(bases[name]).rstrip("/"))
            elif info.data.get("enabled", True):
                raise ValueError(f"文件顶部没有设置 {name}_base；设置它，或写 enabled: false")
            else:
                return address
        host = urlsplit(read_web_address(address)).hostname or ""
        if _is_private(host) and not info.data.get("allow_private", True):
            raise ValueError("是内网地址，确需访问请写 allow_private: true")
        return address


class FeedFile(PolledFile):
    """RSS, Atom, RDF or JSON Feed."""

    kind: Literal["feed"]
    reading: FeedReading = FeedReading()


class HotlistFile(PolledFile):
    """A ranked list as JSON."""

    kind: Literal["hotlist"]
    reading: HotlistReading


class PageFile(PolledFile):
    """A list page of a site without a feed."""

    kind: Literal["page"]
    reading: PageReading


class InboxFile(SourceBase):
    """What is pushed to us: files dropped into a folder, or posts signed with `secret`."""

    kind: Literal["inbox"]
    secret: str = ""
    reading: Annotated[InboxReading, Field(validate_default=True)] = InboxReading()

    @field_validator("secret")
    @classmethod
    def _is_long(cls, secret: str) -> str:
        if len(secret) < 16:
            raise ValueError("密钥至少 16 位")
        return secret

    @field_validator("reading")
    @classmethod
    def _can_receive(cls, reading: InboxReading, info: ValidationInfo) -> InboxReading:
        if not reading.folder and not info.data.get("secret", "faulty") and info.data.get("enabled"):
            raise ValueError("信箱至少要有 reading.folder（投放文件）或 secret（签名推送）")
        return reading


SourceFile = Annotated[FeedFile | HotlistFile | PageFile | InboxFile, Field(discriminator="kind")]


class SourcesFile(YamlFile):
    """The whole of `sources.yaml`."""

    newsnow_base: WebAddress | None = None
    dailyhot_base: WebAddress | None = None
    rsshub_base: WebAddress | None = None
    sources: tuple[SourceFile, ...] = ()
