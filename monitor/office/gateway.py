"""The templates of an SMS or voice gateway: what stands in them, and whether they can be filled."""

import base64
import hashlib
import hmac
from functools import cache

import jmespath
from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jmespath.exceptions import JMESPathError

PLACEHOLDERS = frozenset({"number", "subject", "body", "message_no", "secret", "unix", "stamp"})
"""What a gateway's templates may name; `docs/operations.md` says what each is."""


@cache
def gateway_templates() -> ImmutableSandboxedEnvironment:
    """Return the environment of these templates: sandboxed, an unknown name is an error."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters |= {
        "md5": lambda text: hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest(),
        "sha256": lambda text: hashlib.sha256(str(text).encode()).hexdigest(),
        "hmac_sha256": lambda text, key: hmac.digest(
            str(key).encode(), str(text).encode(), hashlib.sha256
        ).hex(),
        "base64": lambda text: base64.b64encode(str(text).encode()).decode(),
    }
    return environment


def check_template(text: str) -> str:
    """Return the template; raises ValueError, in Chinese, for what could not be filled."""
    environment = gateway_templates()
    try:
        unknown = meta.find_undeclared_variables(environment.parse(text)) - PLACEHOLDERS
        environment.from_string(text)
    except TemplateError as error:
        raise ValueError(f"模板写法不对：{error}") from error
    if unknown:
        known = "、".join(sorted(PLACEHOLDERS))
        raise ValueError(f"没有这个占位符：{'、'.join(sorted(unknown))}（可用：{known}）")
    return text


def check_condition(text: str) -> str:
    """Return the JMESPath expression; raises ValueError, in Chinese, for one that cannot be read."""
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        raise ValueError(f"JMESPath 写法不对：{error}") from error
    return text
