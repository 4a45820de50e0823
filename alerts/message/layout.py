"""The one Jinja environment of messages and digests: sandboxed, HTML escaped, an unknown name is an error."""

from functools import cache

from jinja2 import PackageLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("alerts", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def lay_out(template: str, **values: object) -> str:
    """Return a filled template of `alerts/templates/`; those named `.html.jinja` escape what they show."""
    return _environment().get_template(template).render(**values).strip("\n")
