"""One judge for all tests of this stage: its dictionary takes a second to build."""

import pytest

from monitor.classifiers.grade import GradingTable
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.office.example import example_territory
from tests.support.dictionary import dictionary_folder


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="session")
def table() -> GradingTable:
    return load_table()


@pytest.fixture(scope="session")
def judge(lexicon: Lexicon, table: GradingTable) -> Judge:
    return Judge(lexicon, table, example_territory(), cache_dir=dictionary_folder())
