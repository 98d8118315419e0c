import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.apt_txt import read_apt_txt
from lectern.builder.declare.files import MAX_ENTRIES, Text
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError
from tests.support.refusals import tried


def _read(content):
    return read_apt_txt(Text("apt.txt", content))


def test_names_are_read_without_comments():
    assert _read("# tools\n\ngit # for clones\n  curl#x\n") == (
        Item("git", "", "apt.txt:3"),
        Item("curl", "", "apt.txt:4"),
    )


def test_several_names_may_share_a_line_as_on_binder():
    assert [item.name for item in _read("git curl\txz-utils\n")] == ["git", "curl", "xz-utils"]


@pytest.mark.parametrize(
    "name", ["g++", "libstdc++6", "r-cran-rjava", "gcc-14", "7zip", "python3.13", "fp-units-base"]
)
def test_names_of_debian_packages_are_taken(name):
    assert _read(name)[0].name == name


@pytest.mark.parametrize(
    "name",
    [
        "git-",
        "git+",
        "g++-",
        "-y",
        "--purge",
        "git=1",
        "git/sid",
        "git -y",
        "$(x)",
        "Git",
        "./x.deb",
        "gi*",
        "git;id",
    ],
)
def test_what_apt_would_read_as_an_order_is_refused(name):
    with pytest.raises(DeclarationError) as caught:
        _read(f"curl\n{name}\n")

    assert caught.value.where == "apt.txt:2"
    assert caught.value.hint


def test_a_version_is_explained():
    _, refusal = tried(_read, "git=1:2.4\n")

    assert "Debian has one version" in refusal.hint


def test_a_list_that_no_one_wrote_by_hand_is_refused():
    _, refusal = tried(_read, "xz\n" * (MAX_ENTRIES + 1))

    assert str(MAX_ENTRIES) in refusal.what


@given(st.text())
def test_any_text_is_names_or_refused(text):
    read, _ = tried(_read, text)

    assert all(not set(item.name) & set(" ;$`'\"\\|&<>/=\n") for item in read or ())
