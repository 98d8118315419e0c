"""Lists as teachers write them; what is read stands in expected.txt beside each. UPDATE=1 writes it."""

import os
from pathlib import Path

import pytest

from lectern.builder.declaration import read_declaration
from lectern.builder.resolve.exports import is_export

FOLDERS = sorted(path for path in (Path(__file__).parent / "corpus").iterdir() if path.is_dir())


def _lines(read):
    if read.python:
        yield f"python  {read.python.version}  ({read.python.where})"
    for spec in read.conda:
        yield f"conda  {spec}  ({spec.where})"
    for kind, requirements in (("pip", read.requirements), ("constraint", read.constraints)):
        for requirement in requirements:
            yield f"{kind}  {requirement.line}  ({requirement.where})"
    for kind, items in (("option", read.options), ("local", read.local)):
        for item in items:
            yield f"{kind}  {item.name} {item.version}  ({item.where})"
    yield f"channels  {' '.join(read.channels)}"
    yield from (f"notice  {notice}" for notice in read.notices)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_list_is_read_as_its_author_meant_it(folder):
    read = read_declaration(folder)

    text = "\n".join(_lines(read)) + "\n"
    expected = folder / "expected.txt"
    if os.environ.get("UPDATE") == "1":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert not is_export(read)
