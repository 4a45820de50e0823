"""Charts for papers and analysis pages: plain values in, the bytes of an SVG or a PNG out.

Build a `Chart` (labels along one axis, one or more `Series` of the same length, a unit) or a `Grid` (rows,
columns, a value for each cell) and hand it to `bar_chart`, `line_chart` or `heat_map` with the `Form` wanted:
`line_chart(Chart(title="新发现", unit="件", labels=days, series=(Series(name="本周", values=counts),)),
Form.SVG)`. None is "no figure" and never drawn as 0; a `Limit` draws a dashed line across, at a deadline.
Series are told apart by hatching, markers and dashes, never by colour alone, so that every chart survives a
black and white printer and a copying machine. SVG keeps its words as text and names its fonts; serve it as an
image of its own (`<img src>`): it needs no style of the page. PNG is for Word, PDF and mail; it needs a
Chinese font on this machine, and `may_draw_png()` says whether there is one. Equal values give equal bytes.
Drawing takes 50 to 200 ms, the first time a second more, one chart at a time: always in a thread, never in
the event loop.
"""

from alerts.charts.draw import bar_chart, heat_map, line_chart
from alerts.charts.fonts import may_draw_png
from alerts.charts.model import Chart, Form, Grid, Limit, Series

__all__ = ["Chart", "Form", "Grid", "Limit", "Series", "bar_chart", "heat_map", "line_chart", "may_draw_png"]
