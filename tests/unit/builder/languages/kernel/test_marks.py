"""The loop's marks are found however a stream is cut, and nothing that a cell prints is lost."""

from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.languages.kernel.marks import Marks

MARK = "lectern-0123-"
READY = b"lectern-0123-ready\n"
ERROR = b"lectern-0123-error\n"
ASKS = b"lectern-0123-asks\n"
NAMES = {READY: "ready", ERROR: "error", ASKS: "asks"}


def joined(parts):
    """Put neighbouring texts together."""
    result = []
    for part in parts:
        if isinstance(part, bytes) and result and isinstance(result[-1], bytes):
            result[-1] += part
        elif part:
            result.append(part)
    return result


pieces = st.lists(
    st.one_of(
        st.sampled_from([READY, ERROR, ASKS]),
        st.binary(max_size=8),
        st.sampled_from([b"lectern-", b"lectern-0123-", b"lectern-0123-rea", b"l", b"\n"]),
    ),
    max_size=8,
)


@given(pieces, st.lists(st.integers(1, 7), min_size=1))
def test_cuts_change_nothing(stream, sizes):
    whole, cut = Marks(MARK), Marks(MARK)
    data = b"".join(stream)

    at_once = whole.feed(data)
    in_parts = []
    position = number = 0
    while position < len(data):
        size = sizes[number % len(sizes)]
        in_parts += cut.feed(data[position : position + size])
        position, number = position + size, number + 1

    assert joined([*in_parts, cut.rest()]) == joined([*at_once, whole.rest()])


@given(pieces)
def test_nothing_is_lost_or_added(stream):
    marks = Marks(MARK)
    data = b"".join(stream)

    parts = [*marks.feed(data), marks.rest()]

    named = {name: full for full, name in NAMES.items()}
    assert b"".join(named.get(part, part) if isinstance(part, str) else part for part in parts) == data


def test_text_is_given_at_once_unless_it_may_become_a_mark():
    assert Marks(MARK).feed(b"hello\nlect") == [b"hello\n"]
