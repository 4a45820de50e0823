"""The one Jinja environment of messages and digests: sandboxed, HTML escaped, an unknown name is an error."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from jinja2 import ChoiceLoader, DictLoader, PackageLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

PACKAGED: Mapping[str, str] = MappingProxyType({})
"""No templates of the office's own: those of the package hold."""


@lru_cache(maxsize=4)
def _environment(own: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([DictLoader(dict(own)), PackageLoader("alerts", "templates")]),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def open_templates(own: Mapping[str, str] = PACKAGED) -> ImmutableSandboxedEnvironment:
    """Return the templates of the package, with the office's own before them."""
    return _environment(tuple(sorted(own.items())))


def lay_out(template: str, own: Mapping[str, str] = PACKAGED, /, **values: object) -> str:
    """Return a filled template; those named `.html.jinja` escape what they show."""
    return open_templates(own).get_template(template).render(**values).strip("\n")
