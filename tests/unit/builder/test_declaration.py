import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder import declaration
from lectern.builder.declaration import MAX_BYTES, MAX_ENTRIES, content_hash, read_declaration
from lectern.builder.declare.items import CondaSpec, Item, Requirement
from lectern.errors import DeclarationError
from tests.support.refusals import tried

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ndependencies: [*c, *c]\n"


def _repo(folder, **texts):
    for name, text in texts.items():
        path = folder / {"yml": "environment.yml", "apt": "apt.txt", "pip": "requirements.txt"}[name]
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def _refusal(repo):
    with pytest.raises(DeclarationError) as caught:
        read_declaration(repo)
    assert caught.value.hint
    return caught.value


def test_each_item_knows_its_file_and_line(tmp_path):
    repo = _repo(
        tmp_path,
        yml="name: x\ndependencies:\n  - python=3.13  # ours\n  - pip:\n      - pandas>=2\n",
        apt="# tools\n\ngit\n",
        pip="requests\n",
    )

    read = read_declaration(repo)

    assert read.conda == (CondaSpec("python", "=3.13", where="environment.yml:3"),)
    assert read.requirements == (
        Requirement("pandas>=2", "environment.yml:5"),
        Requirement("requests", "requirements.txt:1"),
    )
    assert read.apt == (Item("git", "", "apt.txt:3"),)


def test_a_binder_folder_wins(tmp_path):
    (tmp_path / "binder").mkdir()
    _repo(tmp_path, apt="git\n")
    _repo(tmp_path / "binder", apt="curl\n")

    assert [item.name for item in read_declaration(tmp_path).apt] == ["curl"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    repo = _repo(tmp_path, yml=b"\xef\xbb\xbfdependencies:\r\n  - numpy\r\n")

    assert read_declaration(repo).conda == (CondaSpec("numpy", where="environment.yml:2"),)


def test_what_has_no_effect_is_told(tmp_path):
    repo = _repo(tmp_path, yml="prefix: /x\ndependencies: [numpy]\n")

    assert read_declaration(repo).notices == ("environment.yml: without effect here: prefix",)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "environment.yml"),
        ("just words\n", "environment.yml"),
        ("- numpy\n", "environment.yml"),
        ("dependencies: numpy\n", "environment.yml"),
        ("dependencies: {numpy: 1}\n", "environment.yml"),
        ("dependencies:\n", "environment.yml"),
        ("dependencies:\n  - numpy\n  - [nested]\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  - 3.13\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  -\n", "environment.yml:3"),
        (f"dependencies:\n  - 0x{'f' * 9000}\n", "environment.yml:2"),
        ("dependencies:\n  - numpy\n  - {conda: [x]}\n", "environment.yml:3"),
        ("dependencies:\n  - pip:\n      - numpy\n      - -r more.txt\n", "environment.yml:4"),
        ("dependencies:\n  - pip:\n      - --index-url=https://evil\n", "environment.yml:3"),
        ("dependencies:\n  - pip: numpy\n", "environment.yml:2"),
        ("dependencies:\n  - nümpy\n", "environment.yml:2"),
        ("dependencies:\n  - numpy; rm -rf /\n", "environment.yml:2"),
        ("dependencies:\n  - bioconda::numpy\n", "environment.yml:2"),
        ('dependencies:\n  - "numpy\n  - pandas\n', "environment.yml:4"),
        ("dependencies:\n\t- numpy\n", "environment.yml:2"),
        ("dependencies: [numpy]\ndependencies: [pandas]\n", "environment.yml:2"),
        (BOMB, "environment.yml:1"),
        ("dependencies:\n  - &a numpy\n", "environment.yml:2"),
        ("dependencies: " + "[" * 5000, "environment.yml:1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path, text, where):
    assert _refusal(_repo(tmp_path, yml=text)).where == where


@pytest.mark.parametrize("text", [b"\xff\xfe\x00n", b"\x00\x01", bytes(range(256)), b"dependencies: [\x07]"])
def test_a_binary_file_is_refused(tmp_path, text):
    assert _refusal(_repo(tmp_path, yml=text)).where.startswith("environment.yml")


def test_stars_and_ampersands_that_are_no_aliases_are_taken(tmp_path):
    repo = _repo(tmp_path, yml='name: "R &co *x"\ndependencies:\n  - numpy=1.*  # &a *b\n  - "pandas >=2"\n')

    assert [item.name for item in read_declaration(repo).conda] == ["numpy", "pandas"]


def test_a_huge_file_is_not_even_read(tmp_path):
    assert "bytes" in _refusal(_repo(tmp_path, yml=b"#" * (MAX_BYTES + 1))).what


def test_a_list_that_no_one_wrote_by_hand_is_refused(tmp_path):
    text = "dependencies: [" + "x," * (MAX_ENTRIES + 1) + "]"

    assert str(MAX_ENTRIES) in _refusal(_repo(tmp_path, yml=text)).what


def test_an_empty_folder_and_no_folder_are_refused(tmp_path):
    assert "nothing" in _refusal(tmp_path).what
    assert "no folder" in _refusal(tmp_path / "absent").what


@pytest.mark.parametrize(
    "name", ["g++", "libstdc++6", "r-cran-rjava", "gcc-14", "7zip", "python3.13", "fp-units-base"]
)
def test_names_of_debian_packages_are_taken(tmp_path, name):
    assert read_declaration(_repo(tmp_path, apt=f"{name}\n")).apt[0].name == name


@pytest.mark.parametrize(
    "name",
    ["git-", "git+", "g++-", "-y", "--purge", "git=1", "git/sid", "a b", "$(x)", "Git", "./x.deb", "gi*"],
)
def test_what_apt_would_read_as_an_order_is_refused(tmp_path, name):
    assert _refusal(_repo(tmp_path, apt=f"curl\n{name}\n")).where == "apt.txt:2"


@pytest.mark.parametrize("name", ["environment.yml", "apt.txt", "requirements.txt", "jupytext.toml"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "dangling", "loop", "outside", "unreadable"])
def test_only_readable_files_of_the_repo_are_read(tmp_path, monkeypatch, name, kind):
    repo = tmp_path / "repo"
    repo.mkdir()
    _repo(repo, **({"yml": "dependencies: [numpy]\n"} if name != "environment.yml" else {"apt": "git\n"}))
    path = repo / name
    secret = tmp_path / "secret"
    secret.write_text("secret")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "unreadable":
        path.write_text("x")
        original = Path.read_text

        def read_text(self, *rest, **more):
            if self == path:
                raise PermissionError(13, "Permission denied")
            return original(self, *rest, **more)

        monkeypatch.setattr(Path, "read_text", read_text)
    else:
        path.symlink_to({"dangling": "absent", "loop": name, "outside": secret}[kind])

    refusal = _refusal(repo)

    assert refusal.where == name
    assert "secret" not in str(refusal)


def test_the_hash_is_of_names_and_bytes(tmp_path):
    _repo(tmp_path, apt="git\n")
    before = content_hash(tmp_path)
    os.utime(tmp_path / "apt.txt", (0, 0))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("x")

    assert content_hash(tmp_path) == before
    (tmp_path / "apt.txt").rename(tmp_path / "other.txt")
    assert content_hash(tmp_path) != before


def test_the_hash_follows_no_links_and_waits_for_no_pipes(tmp_path):
    repo, outside = tmp_path / "repo", tmp_path / "outside"
    repo.mkdir()
    outside.write_text("one")
    (repo / "link").symlink_to(outside)
    (repo / "loop").symlink_to("loop")
    os.mkfifo(repo / "pipe")
    (repo / "pipe-link").symlink_to("pipe")
    before = content_hash(repo)

    outside.write_text("two")
    assert content_hash(repo) == before
    (repo / "link").unlink()
    (repo / "link").symlink_to("elsewhere")
    assert content_hash(repo) != before


def test_a_link_and_a_file_of_the_same_text_differ(tmp_path):
    (tmp_path / "x").symlink_to("text")
    before = content_hash(tmp_path)
    (tmp_path / "x").unlink()
    (tmp_path / "x").write_text("text")

    assert content_hash(tmp_path) != before


def test_file_names_that_are_no_utf8_are_hashed(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe")).write_text("x")

    assert len(content_hash(tmp_path)) == 12


@given(st.text())
def test_an_entry_is_read_or_refused(entry):
    item, refusal = tried(declaration._conda_item, entry, "environment.yml:1")  # noqa: SLF001

    if refusal:
        assert refusal.where == "environment.yml:1"
    else:
        assert item.name.isascii()
        assert not set(item.name) & set(" \n;$`'\"\\")


@given(st.text(alphabet="-: []{}#&*!|>'\"%@\n\t\\,?abdependncis01.=", max_size=60))
def test_half_written_yaml_is_read_or_refused(text):
    text = "dependencies:\n" + text

    _, refusal = tried(declaration._load_yaml, text, "environment.yml")  # noqa: SLF001

    assert refusal is None or refusal.where.startswith("environment.yml")
