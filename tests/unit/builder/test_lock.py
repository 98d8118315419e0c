"""What a lock is, and when it is used again."""

from dataclasses import replace

import pytest

from lectern.builder.declaration import CondaSpec, Declaration, Item, Requirement
from lectern.builder.lock import Lock, NotALockError, fingerprint, read_lock
from lectern.builder.records import Records
from tests.support.locks import EVERYTHING, SMALL

ASKED = Declaration(
    conda=(CondaSpec("numpy", "=2", where="environment.yml:5"),),
    requirements=(Requirement("rich>=13", "environment.yml:7"),),
)


@pytest.mark.parametrize("lock", [SMALL, EVERYTHING, Lock(asked="a", base="b", debian=())])
def test_a_lock_that_was_written_is_read_as_it_was(lock):
    assert read_lock(lock.to_json(), where="lectern.lock") == lock


def test_a_lock_names_no_address():
    assert "://" not in replace(EVERYTHING, python=SMALL.python).to_json()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"asked": 1}', SMALL.to_json()[:-20], b"\xff"])
def test_what_is_no_lock_is_named(text):
    with pytest.raises(NotALockError, match=r"lectern\.lock: is no lock"):
        read_lock(text, where="lectern.lock")


def test_where_and_what_is_not_installed_do_not_count():
    elsewhere = replace(
        ASKED,
        conda=(CondaSpec("numpy", "=2", where="environment.yml:9"),),
        check="check.md",
        commit="123",
        notices=("something",),
        texts={"jupytext.toml": "x = 1"},
    )

    assert fingerprint(elsewhere, resolver="fast") == fingerprint(ASKED, resolver="fast")


@pytest.mark.parametrize(
    "changed",
    [
        replace(ASKED, conda=()),
        replace(ASKED, requirements=(Requirement("rich>=14", "environment.yml:7"),)),
        replace(ASKED, python=Item("python", "==3.12.*", "runtime.txt:1")),
        replace(ASKED, apt=(Item("graphviz", "", "apt.txt:1"),)),
        replace(ASKED, kernels=(Item("perl", "", "lectern.yml:1"),)),
    ],
)
def test_what_is_installed_counts(changed):
    assert fingerprint(changed, resolver="fast") != fingerprint(ASKED, resolver="fast")


def test_the_resolver_counts():
    assert fingerprint(ASKED, resolver="fast") != fingerprint(ASKED, resolver="conda")


def test_records_keep_the_last_lock_and_layers(tmp_path):
    records = Records(tmp_path / "statistics")
    assert (records.find_lock(), records.find_chain("ground")) == (None, ())

    records.write_lock(SMALL)
    records.write_chain("ground", ("one", "two"))

    assert records.find_lock() == SMALL
    assert records.find_chain("ground") == ("one", "two")
    assert records.find_chain("another ground") == ()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"ground": "ground"}', '{"ground": "ground", "chain": 1}'])
def test_half_written_records_count_as_none(tmp_path, text):
    (tmp_path / "layers.json").write_text(text)
    (tmp_path / "lectern.lock").write_text(text)

    assert Records(tmp_path).find_chain("ground") == ()
    assert Records(tmp_path).find_lock() is None
