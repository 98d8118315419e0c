import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lectern.builder.declare.files import Text
from lectern.builder.declare.items import Item
from lectern.builder.declare.lectern_yml import LecternYml, read_lectern_yml
from lectern.builder.languages.catalogue import find_language
from lectern.errors import DeclarationError
from tests.support.refusals import tried


def _read(content):
    return read_lectern_yml(Text("lectern.yml", content))


def test_all_keys_are_read():
    assert _read(
        "resolver: conda\nkernels:\n  - bash\n  - octave\n  - bash\ncheck_network: true\n"
    ) == LecternYml(
        kernels=(Item("bash", "", "lectern.yml:3"), Item("octave", "", "lectern.yml:4")),
        resolver="conda",
        needs_network=True,
    )


@pytest.mark.parametrize("name", ["common lisp", "algol 68", "pari/gp", "objective-c", "c++", "c#"])
def test_a_language_may_be_called_as_people_call_it(name):
    (kernel,) = _read(f"kernels:\n  - {name}\n").kernels

    assert find_language(kernel.name, where=kernel.where).name.lower() == name


@pytest.mark.parametrize("name", ["common  lisp", ".x", "a" * 100, "c;d"])
def test_what_no_language_is_called_is_refused(name):
    with pytest.raises(DeclarationError, match="no name of a language"):
        _read(f"kernels:\n  - {name}\n")


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "{}", "kernels:\n"])
def test_it_may_be_empty(content):
    assert _read(content) == LecternYml()


@pytest.mark.parametrize(
    ("content", "where", "hint"),
    [
        ("kernel: [bash]\n", "lectern.yml:1", "did you mean `kernels`?"),
        ("kernels: [bash]\nressolver: fast\n", "lectern.yml:2", "did you mean `resolver`?"),
        ("zzz: 1\n", "lectern.yml:1", "known are: kernels, resolver, check_network"),
        ("1: 1\n", "lectern.yml:1", "known are"),
        ("[1, 2]: 1\n", "lectern.yml:1", "known are"),
        ("- bash\n", "lectern.yml", "known are"),
        ("bash\n", "lectern.yml", "known are"),
        ("kernels: bash\n", "lectern.yml:1", "kernels: [bash, octave]"),
        ("kernels:\n  - bash\n  - C++\n", "lectern.yml:3", "lower case"),
        ("kernels:\n  - 1\n", "lectern.yml:2", "lower case"),
        ("kernels: [$(id)]\n", "lectern.yml:1", "lower case"),
        ("resolver: codna\n", "lectern.yml:1", "did you mean `conda`?"),
        ("resolver: [conda]\n", "lectern.yml:1", "conda"),
        ("resolver: {a: 1}\n", "lectern.yml:1", "known are"),
        ("resolver:\n", "lectern.yml:1", "known are: fast, conda"),
        ("check_network: yes please\n", "lectern.yml:1", "write `true`"),
        ("check_network: 1\n", "lectern.yml:1", "write `true`"),
        ("kernels: [bash]\nkernels: [octave]\n", "lectern.yml:2", "indents"),
        ("kernels: &a [*a]\n", "lectern.yml:1", "write each entry out"),
    ],
)
def test_what_is_not_in_the_schema_is_refused(content, where, hint):
    with pytest.raises(DeclarationError) as caught:
        _read(content)

    assert caught.value.where == where
    assert hint in caught.value.hint


@example("kernels: -_")  # the parser's own IndexError
@given(st.text(alphabet="kernelsrvoch_tw: []-\n#'\"{},1"))
def test_any_text_is_read_or_refused(text):
    read, refusal = tried(_read, text)

    assert read or refusal.hint
