"""Which words rose: the log-likelihood ratio of a word's reports against the period before.

Source: Dunning 1993, in the two-cell form of Rayson and Garside 2000, over reports instead of tokens, so that
one long text weighs no more than a short one.
"""

from math import log

from monitor.analysis.facts import Material, WordCount
from monitor.analysis.table import Column, Kind, Naming, Table, counts, rate, share, table, text

SURE = 6.63
"""Below this a rise would come by chance once in a hundred words (chi-square, one degree of freedom)."""

FEWEST, MOST = 3, 50


def words_that_rose(material: Material, naming: Naming) -> Table:
    """Return the words of more reports than could be chance, the surest first."""
    del naming
    now, before = material.words, material.words_before
    found = [
        (
            word,
            n,
            before.words.get(word, 0),
            likelihood_ratio(n, now.reports, before.words.get(word, 0), before),
        )
        for word, n in now.words.items()
        if n >= FEWEST
    ]
    sure = sorted((f for f in found if f[3] >= SURE), key=lambda f: (-f[3], f[0]))[:MOST]
    return table(
        (
            text("word", "词"),
            *counts(reports="本期报道", before="上期报道"),
            share("share", "本期占比"),
            share("share_before", "上期占比"),
            Column(key="ratio", name="对数似然比", kind=Kind.NUMBER),
        ),
        ((word, n, b, rate(n, now.reports), rate(b, before.reports), g) for word, n, b, g in sure),
    )


def likelihood_ratio(count: int, reports: int, count_before: int, before: WordCount) -> float:
    """Return how sure it is that a word rose; 0 where it did not, or where there is nothing to compare."""
    whole = reports + before.reports
    if not before.reports or not reports or count * before.reports <= count_before * reports:
        return 0.0
    both = count + count_before
    ratio = count * log(count * whole / (reports * both))
    if count_before:
        ratio += count_before * log(count_before * whole / (before.reports * both))
    return max(2 * ratio, 0.0)
