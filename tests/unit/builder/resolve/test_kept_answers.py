import pytest

from lectern.builder.resolve.kept_answers import keep, read_kept


def test_what_was_kept_is_read(tmp_path):
    path = tmp_path / "folder" / "x.json"

    keep(path, {"a": 1})
    keep(path, {"a": 2})

    assert read_kept(path) == {"a": 2}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": '])
def test_what_cannot_be_read_counts_as_nothing(tmp_path, text):
    (tmp_path / "x.json").write_text(text)

    assert read_kept(tmp_path / "x.json") == {}
    assert read_kept(tmp_path / "nothing.json") == {}


def test_an_answer_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        keep(tmp_path / "x.json", {"a": object()})

    assert list(tmp_path.iterdir()) == []
