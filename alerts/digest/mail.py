"""A paper as a message: plain text for any channel, HTML for mail, with a link to its charts and files."""

from alerts.digest.paper import Paper, numbered
from alerts.message.layout import lay_out
from alerts.model import Text


def render_mail(paper: Paper, link: str | None, note: str = "") -> Text:
    """Return the paper as a message; `link` is where it can be read whole, or None without a public address.

    `note` stands before it. Pictures do not travel: a bot shows none, and mail programs block them.
    """
    values = {"paper": paper, "blocks": tuple(numbered(paper.blocks)), "link": link, "note": note}
    return Text(
        subject=f"{'待审定：' if note else ''}{paper.office_name}{paper.title}（{paper.dateline}）",
        body=lay_out("paper_mail.txt.jinja", **values),
        html=lay_out("paper_mail.html.jinja", **values),
    )
