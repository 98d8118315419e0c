import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.dcf import read_stanza, split_stanzas

names = st.from_regex(r"[A-Za-z][A-Za-z0-9@-]{0,12}", fullmatch=True)
words = st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
values = st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=4)


@given(st.lists(st.dictionaries(names, values, min_size=1, max_size=5), max_size=4))
def test_records_are_read_as_they_were_written(records):
    text = "\n\n".join(
        "\n".join(
            f"{name}: " + "\n    ".join(" ".join(line) for line in lines) for name, lines in record.items()
        )
        for record in records
    )

    read = [read_stanza(stanza) for stanza in split_stanzas(text)]

    assert read == [
        {name: " ".join(" ".join(line) for line in lines) for name, lines in record.items()}
        for record in records
    ]


@given(st.text())
def test_any_text_is_records_or_refused(text):
    for stanza in split_stanzas(text):
        try:
            read_stanza(stanza)
        except ValueError as problem:
            assert "is no field" in str(problem)  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_will_do(end):
    text = end.join(["Package: a", "Imports: b,", "    c", "", "Package: d", ""])

    assert [read_stanza(stanza) for stanza in split_stanzas(text)] == [
        {"Package": "a", "Imports": "b, c"},
        {"Package": "d"},
    ]


def test_a_continuation_of_nothing_is_refused():
    with pytest.raises(ValueError, match="is no field"):
        read_stanza("  lost\nPackage: a")
