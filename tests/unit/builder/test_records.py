"""The folder of an environment's builds: its logs, and what goes with it."""

import pytest

from lectern.builder.records import Records
from tests.support.locks import SMALL

COMMIT = "ab" * 20


@pytest.fixture
def records(tmp_path):
    made = Records(tmp_path / "stats")
    made.write_manifest(COMMIT, "{}")
    made.log(COMMIT).write_text("built")
    return made


@pytest.mark.parametrize("typed", [COMMIT, COMMIT[:7]])
def test_a_log_is_found_by_its_commit_and_by_how_that_begins(records, typed):
    assert records.find_log(typed) == records.log(COMMIT)


@pytest.mark.parametrize("typed", ["", "*", "[a]", "../stats/ab", "c" * 40, f"{COMMIT}.log"])
def test_what_is_no_commit_with_a_log_finds_none(records, typed):
    assert records.find_log(typed) is None


def test_a_manifest_is_no_log(records):
    records.log(COMMIT).unlink()

    assert not records.has_log(COMMIT)
    assert records.find_log(COMMIT) is None


def test_an_environment_that_was_never_built_has_no_log_and_nothing_to_remove(tmp_path):
    records = Records(tmp_path / "stats")

    assert not records.has_log(COMMIT)
    assert records.find_log(COMMIT) is None
    records.remove()


def test_all_that_is_written_there_is_removed(records):
    records.write_chain("ground", ())
    records.write_lock(SMALL)

    records.remove()

    assert not records.folder.exists()
