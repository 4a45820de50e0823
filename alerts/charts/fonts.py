"""Which letters charts are drawn with: faces of Windows, macOS and Linux by name, none embedded."""

import logging
from functools import cache

FACES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC", "Heiti SC")
"""The first that is installed is taken; an SVG names them all, and whoever shows it has one of them."""

# The library complains of every face of the list that is not installed, for every chart.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


@cache
def may_draw_png() -> bool:
    """Return whether this machine has one of the faces: without it a PNG shows boxes instead of words."""
    return bool(installed_faces())


def installed_faces() -> tuple[str, ...]:
    """Return those of the faces that this machine has, the best first."""
    from matplotlib import font_manager

    names = frozenset(font_manager.get_font_names())
    return tuple(face for face in FACES if face in names)
