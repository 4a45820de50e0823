"""The shape of a channel in `office.yaml`: an address, and what its kind needs beside it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from monitor.office.gateway import check_condition, check_template
from monitor.office.model import BOTS, Audience, ChannelKind, ChannelSpec, Gateway
from monitor.yamlfile import YamlFile, read_web_address

WECOM_ADDRESS = "https://qyapi.weixin.qq.com"
"""Where applications of the vendor's own cloud talk to; an office with its own WeCom writes its address."""

Template = Annotated[str, AfterValidator(check_template)]
Condition = Annotated[str, AfterValidator(check_condition)]
_APP = (ChannelKind.WECOM_APP,)
_NEEDED_BY = {
    "to": (ChannelKind.WECOM_APP, ChannelKind.HTTP),
    "corp_id": _APP,
    "agent_id": _APP,
    "gateway": (ChannelKind.HTTP,),
}


class GatewayFile(YamlFile):
    """How an SMS or voice gateway is asked, and what its answers mean."""

    method: Literal["POST", "GET", "PUT"] = "POST"
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")], Template] = Field(default_factory=dict)
    body: Template = ""
    ok_when: Condition
    retry_when: Condition | None = None
    limited_when: Condition | None = None
    auth_when: Condition | None = None
    receipt: Condition | None = None


class ChannelFile(YamlFile):
    """One address; `secret` signs, `audience` says whether a group reads it."""

    kind: ChannelKind
    address: Annotated[str, Field(validate_default=True)] = ""
    secret: str = ""
    audience: Audience = Audience.PERSON
    rings: bool = False
    per_minute: Annotated[int, Field(ge=1, le=600)] = 20
    to: Annotated[str, Field(validate_default=True)] = ""
    corp_id: Annotated[str, Field(validate_default=True)] = ""
    agent_id: Annotated[int, Field(validate_default=True)] = 0
    gateway: Annotated[GatewayFile | None, Field(validate_default=True)] = None

    @field_validator("address")
    @classmethod
    def _fits_kind(cls, address: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        if kind == ChannelKind.EMAIL and "@" not in address:
            raise ValueError("应为电子邮箱地址")
        if kind == ChannelKind.APPRISE and "://" not in address:
            raise ValueError("应为 Apprise 地址")
        if kind == ChannelKind.WECOM_APP and not address:
            return WECOM_ADDRESS
        if kind == ChannelKind.HTTP:
            read_web_address(check_template(address).partition("{{")[0])
        if kind in (*BOTS, ChannelKind.WEBHOOK, ChannelKind.WECOM_APP):
            read_web_address(address)
        return address

    @field_validator(*_NEEDED_BY)
    @classmethod
    def _is_there(cls, value: Any, info: ValidationInfo) -> Any:
        if not value and info.data.get("kind") in _NEEDED_BY[info.field_name or ""]:
            raise ValueError("缺少这一项")
        return value

    def channel(self, name: str) -> ChannelSpec:
        """Return the channel of this name."""
        gateway = Gateway(**self.gateway.model_dump(exclude_none=True)) if self.gateway else None
        return ChannelSpec(name=name, **dict(self) | {"gateway": gateway})
