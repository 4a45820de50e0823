"""The files of a paper that travel with a mail: made when it leaves, in a thread, once for all readers."""

from collections.abc import Iterator
from functools import lru_cache

from alerts.digest.paper import Paper
from alerts.digest.print import may_render_pdf, render_pdf
from alerts.model import File
from monitor.office.model import PaperFile

MOST_BYTES = 5_000_000
"""Of all files of a mail together: many a mail server of an office takes 10 MB, and mail grows by a third."""

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TOO_LARGE = "公文版式文件超过 5 MB，没有随信发送，请到值班台下载。"


@lru_cache(maxsize=4)
def paper_files(paper: Paper, name: str, wanted: tuple[PaperFile, ...]) -> tuple[File, ...]:
    """Return the files of these kinds, named `name`; what would be too large is said in a file instead.

    Takes up to some seconds.
    """
    files = tuple(_made(paper, name, kinds_made(wanted, may_pdf=may_render_pdf())))
    if sum(len(file.body) for file in files) <= MOST_BYTES:
        return files
    return (File(name=f"{name}.txt", kind="text/plain", body=_TOO_LARGE.encode()),)


def kinds_made(wanted: tuple[PaperFile, ...], *, may_pdf: bool) -> tuple[PaperFile, ...]:
    """Return what of the wanted can be made here: where no PDF can, Word instead of nothing."""
    return tuple(kind for kind in wanted if kind is not PaperFile.PDF or may_pdf) or (PaperFile.DOCX,)


def _made(paper: Paper, name: str, kinds: tuple[PaperFile, ...]) -> Iterator[File]:
    # Loaded with the first file: most runs of a command make none, and it takes a tenth of a second.
    from alerts.digest.docx import render_docx

    for kind in kinds:
        if kind is PaperFile.DOCX:
            yield File(name=f"{name}.docx", kind=_WORD, body=render_docx(paper))
        else:
            yield File(name=f"{name}.pdf", kind="application/pdf", body=render_pdf(paper))
