"""A paper as a message: plain text for any channel, HTML for mail; charts and files linked or attached."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from alerts.digest.filing import paper_files
from alerts.digest.paper import Paper, numbered
from alerts.message.layout import lay_out
from alerts.model import File, Text
from monitor.office.model import PaperFile


def attaching(text: Text, write: Callable[[], Paper], name: str, wanted: Sequence[PaperFile]) -> Text:
    """Return the message with the `wanted` files of a paper, written only where a channel takes any."""

    def attach() -> tuple[File, ...]:
        return paper_files(write(), name, tuple(wanted))

    return replace(text, attach=attach) if wanted else text


def render_mail(paper: Paper, link: str | None, note: str = "", *, attached: bool = False) -> Text:
    """Return the paper as a message; `link` is where it can be read whole, or None without a public address.

    `note` stands before it. No pictures are in it: a bot shows none, and mail programs block them. The HTML
    is read in mail alone: it says whether files are `attached`.
    """
    values = {
        "paper": paper,
        "blocks": tuple(numbered(paper.blocks)),
        "link": link,
        "note": note,
        "attached": attached,
    }
    return Text(
        subject=f"{'待审定：' if note else ''}{paper.office_name}{paper.title}（{paper.dateline}）",
        body=lay_out("paper_mail.txt.jinja", **values),
        html=lay_out("paper_mail.html.jinja", **values),
    )
