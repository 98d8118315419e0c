"""The privacy notice's text, and its file."""

import os

from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.notice import Block, Notice, read_notice

TEXT = """\
# What we keep

We keep your **name**
and your files.

- the name,
  as you typed it
- your files

More: [our office](https://example.org/privacy).
"""


def test_headings_lists_and_paragraphs_are_told_apart():
    assert Notice(TEXT.encode()).blocks == [
        Block("heading", ("What we keep",)),
        Block("paragraph", ("We keep your name and your files.",)),
        Block("list", ("the name, as you typed it", "your files")),
        Block("paragraph", ("More: our office (https://example.org/privacy).",)),
    ]


def test_another_text_is_another_notice():
    assert Notice(b"a").hashed != Notice(b"b").hashed


@given(st.text(st.characters(codec="utf-8"), max_size=500))
def test_no_word_of_a_text_is_lost(text):
    shown = " ".join(line for block in Notice(text.encode()).blocks for line in block.lines)

    assert {letter for letter in text if letter.isalnum()} <= set(shown)


def test_without_a_file_or_with_an_empty_one_there_is_none(tmp_path):
    assert read_notice(tmp_path) is None
    (tmp_path / "privacy.md").write_text(" \n")
    assert read_notice(tmp_path) is None


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "privacy.md"
    path.write_text("one")
    assert read_notice(tmp_path).data == b"one"

    path.write_text("two")
    os.utime(path, (1, 1))

    assert read_notice(tmp_path).data == b"two"


def test_what_is_no_utf_8_is_shown_as_far_as_it_goes(tmp_path):
    (tmp_path / "privacy.md").write_bytes(b"\xef\xbb\xbfgut\xff")

    assert read_notice(tmp_path).blocks[0].lines == ("gut\ufffd",)
