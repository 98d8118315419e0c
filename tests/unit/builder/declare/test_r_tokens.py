import pytest

from lectern.builder.declare.files import Text
from lectern.builder.declare.r_tokens import read_code
from lectern.errors import DeclarationError


def _texts(content):
    return [token.text for token in read_code(Text("a.R", content)).tokens]


def test_strings_and_comments_hold_no_code():
    assert _texts('f(\'(\', "#)\\"") # g(\n') == ["f", "(", "'('", ",", '"#)\\""', ")", "\n"]


def test_words_are_whole():
    assert _texts("a::b.c<-x_1 == .y") == ["a::b.c", "<-", "x_1", "==", ".y"]


def test_arguments_are_parted_at_their_own_depth():
    code = read_code(Text("a.R", "f(\n c(1, 2), x = g(3), )"))

    spans = code.arguments(1)

    assert ["".join(token.text for token in code.tokens[first:last]) for first, last in spans] == [
        "c(1,2)",
        "x=g(3)",
    ]


@pytest.mark.parametrize(("content", "where"), [("\nf(", "a.R:2"), ("f)", "a.R:1"), ("f(\n]", "a.R:2")])
def test_a_bracket_without_a_partner_is_refused_with_its_line(content, where):
    with pytest.raises(DeclarationError) as caught:
        read_code(Text("a.R", content))

    assert caught.value.where == where
