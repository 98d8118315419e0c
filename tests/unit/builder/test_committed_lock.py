import json
from dataclasses import replace
from pathlib import Path

import pytest

from lectern.builder.committed_lock import FILE, find_committed
from lectern.builder.declaration import Declaration, Item, read_declaration
from lectern.builder.lock import fingerprint, read_lock
from lectern.builder.resolving import Base, resolve
from lectern.errors import DeclarationError
from lectern.settings import Settings
from tests.support.locks import EVERYTHING, SMALL
from tests.support.repos import write_repo

#: A repo that has its files at the root.
HERE = Path(__file__).parent


def _text(lock):
    """Write a lock of the tests with hashes of a real one's length."""
    return replace(lock, asked="x").to_json().replace("sha256:0", "sha256:" + 64 * "0")


def _found(lock, asked="x", local=()):
    text = lock if isinstance(lock, str) else _text(lock)
    return find_committed(Declaration(texts={FILE: text}, local=local), asked, HERE)


@pytest.mark.parametrize("lock", [SMALL, EVERYTHING])
def test_a_lock_that_answers_the_declaration_counts(lock):
    local = tuple(Item(folder, "", "r.txt:1") for folder in lock.local)

    found, said = _found(lock, local=local)

    assert found == replace(read_lock(_text(lock), where=FILE), notices=())
    assert said == ()


def test_a_repo_without_one_has_none():
    assert find_committed(Declaration(), "x", HERE) == (None, ())


def test_a_lock_of_an_earlier_declaration_is_told_and_does_not_count():
    lock, (said,) = _found(SMALL, asked="y")

    assert lock is None
    assert said.startswith("lectern.lock: answers an earlier declaration, so versions are chosen anew")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"asked": 1}'])
def test_what_is_no_lock_is_refused(text):
    with pytest.raises(DeclarationError, match=r"lectern\.lock: is no lock"):
        _found(text)


@pytest.mark.parametrize(("folder", "where"), [("", FILE), ("binder", f"binder/{FILE}")])
def test_it_is_named_as_the_repo_has_it_with_the_command_that_makes_another(tmp_path, folder, where):
    write_repo(tmp_path, {f"{folder}/{FILE}" if folder else FILE: "{"})

    with pytest.raises(DeclarationError) as caught:
        find_committed(Declaration(texts={FILE: "{"}), "x", tmp_path)
    _, (said,) = find_committed(Declaration(texts={FILE: _text(SMALL)}), "y", tmp_path)

    assert caught.value.where == where
    assert "`scripts/lectern lock PATH` prints" in caught.value.hint
    assert said.startswith(f"{where}: answers an earlier declaration")


def _python(line):
    return replace(SMALL, python=replace(SMALL.python, requirements=f"{line}\n"))


@pytest.mark.parametrize(
    "lock",
    [
        _python("-r /etc/passwd"),
        _python("--index-url https://x.org/simple"),
        _python("numpy @ file:///srv"),
        _python("numpy>=2"),
        replace(SMALL, python=replace(SMALL.python, direct="x @ file:///srv\n")),
        replace(SMALL, python=replace(SMALL.python, python="--mirror")),
        replace(SMALL, debian=("-o=x",)),
        replace(SMALL, debian=("git; id",)),
        replace(SMALL, pip="-e /srv\n"),
        replace(SMALL, local=("../../root",)),
        replace(SMALL, languages=("a b",)),
    ],
)
def test_what_no_lock_can_hold_is_refused(lock):
    with pytest.raises(DeclarationError, match="holds what no lock can"):
        _found(lock)


@pytest.fixture
def repo(tmp_path):
    """Give a repo that brings its lock, and the declaration's fingerprint."""
    folder = write_repo(tmp_path, {"requirements.txt": "numpy\n"})
    asked = fingerprint(read_declaration(folder), resolver="fast")
    text = json.dumps(json.loads(_text(SMALL)) | {"asked": asked})
    (folder / FILE).write_text(text)
    return folder, asked


@pytest.mark.parametrize("base", [None, Base(SMALL.base, lambda: b"")])
def test_what_is_committed_is_what_is_checked_and_built(repo, base):
    folder, asked = repo
    settings = Settings(project="t", builds=folder / "builds")

    lock = resolve(
        read_declaration(folder), folder, settings, base=base, kept=replace(EVERYTHING, asked=asked)
    )

    assert lock.python.requirements.startswith("numpy==2.0.0")
    assert (lock.python.python, lock.debian, lock.notices) == ("3.13", (), ())


def test_an_upgrade_leaves_it_aside(repo):
    folder, asked = repo
    settings, kept = Settings(project="t", builds=folder / "builds"), replace(EVERYTHING, asked=asked)
    base = Base(EVERYTHING.base, lambda: b"")

    lock = resolve(read_declaration(folder), folder, settings, base=base, kept=kept, is_committed_read=False)

    assert lock == kept


def test_a_lock_alone_declares_nothing(tmp_path):
    write_repo(tmp_path, {FILE: json.dumps({})})

    assert read_declaration(tmp_path).notices[-1].startswith("no package is declared")
