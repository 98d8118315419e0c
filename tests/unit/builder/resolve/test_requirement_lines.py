import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.items import Item, Requirement
from lectern.builder.resolve.refusals import Reason
from lectern.builder.resolve.requirement_lines import is_direct, name_of, parse, read_option, split_hashes

LINES = st.text() | st.text(alphabet="abz019<>=!~.,;@#[]()'\" \n-_:/")


@given(LINES)
def test_any_line_is_one_requirement_or_refused(line):
    found = parse(Requirement(line, "r.txt:3"))

    if isinstance(found, Reason):
        assert found.where == "r.txt:3"
    else:
        assert len(str(found).splitlines()) == 1
        assert not str(found).startswith("-")


@pytest.mark.parametrize(
    "line", ["a; sys_platform ~= 'x'", "a; nonsense == 'x'", "a; python_version", "a @ ftp://x"]
)
def test_conditions_that_cannot_be_weighed_are_refused(line):
    assert isinstance(parse(Requirement(line, "r.txt:3")), Reason)


@pytest.mark.parametrize(
    ("line", "name", "claim"),
    [
        ("pandas>=2", "pandas", False),
        ("name @ git+https://x", "name", True),
        ("git+https://x", "", True),
        ("https://x/y.whl", "", True),
        ("./folder", "", True),
        ("../folder", "", True),
        ("/etc", "", True),
        ("a.b[c]", "a.b", False),
    ],
)
def test_names_and_addresses_are_told_apart(line, name, claim):
    assert (name_of(line), is_direct(line)) == (name, claim)


def test_hashes_are_taken_off():
    assert split_hashes("a==1 \\\n --hash=sha256:0f --hash=md5:aa") == ("a==1", {"0f"})


def test_a_build_from_source_is_refused_with_the_way_out():
    reason = read_option(Item("--no-binary", "six", "r.txt:3"))

    assert isinstance(reason, Reason)
    assert str(reason).startswith("r.txt:3: `--no-binary six` asks for a build from source")
    assert "take this line out" in reason.hint
