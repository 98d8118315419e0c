import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declaration import Item, Requirement, read_declaration
from lectern.builder.declare.files import MAX_ENTRIES
from lectern.errors import DeclarationError
from tests.support.refusals import tried
from tests.support.repos import refusal_of, write_repo

HASH = "sha256:" + "a" * 64


def _read(folder, text, **others):
    return read_declaration(write_repo(folder, {"requirements.txt": text, **others}))


def _lines(read):
    return [(requirement.line, requirement.where) for requirement in read.requirements]


def test_comments_and_blank_lines_are_none_of_it(tmp_path):
    read = _read(
        tmp_path, "# data\n\npandas>=2  # frames\n   # more\nx @ https://example.org/x.zip#sha256=0\n"
    )

    assert _lines(read) == [
        ("pandas>=2", "requirements.txt:3"),
        ("x @ https://example.org/x.zip", "requirements.txt:5"),
    ]


def test_a_line_that_goes_on_is_one(tmp_path):
    text = f"pandas==2.0 \\\n    --hash={HASH} \\\n    --hash={HASH}\nnumpy\\\n>=1\nscipy \\"

    read = _read(tmp_path, text)

    assert _lines(read) == [
        ("pandas==2.0", "requirements.txt:1"),
        ("numpy>=1", "requirements.txt:4"),
        ("scipy", "requirements.txt:6"),
    ]
    assert read.notices == ("requirements.txt: without effect here: --hash",)


@pytest.mark.parametrize(
    "option",
    ["-r more.txt", "-rmore.txt", "--requirement more.txt", "--requirement=more.txt", "-r file:more.txt"],
)
def test_a_file_that_is_named_is_read_in_its_place(tmp_path, option):
    read = _read(tmp_path, f"a\n{option}\nb\n", **{"more.txt": "c\n"})

    assert _lines(read) == [("a", "requirements.txt:1"), ("c", "more.txt:1"), ("b", "requirements.txt:3")]


@pytest.mark.parametrize("option", ["-c bounds.txt", "--constraint=bounds.txt"])
def test_constraints_install_nothing(tmp_path, option):
    read = _read(
        tmp_path, f"a\n{option}\n", **{"bounds.txt": "numpy<2\n-r deeper.txt\n", "deeper.txt": "scipy<2\n"}
    )

    assert _lines(read) == [("a", "requirements.txt:1")]
    assert read.constraints == (
        Requirement("numpy<2", "bounds.txt:1"),
        Requirement("scipy<2", "deeper.txt:1"),
    )


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("--index-url https://example.org/simple", "--index-url", "https://example.org/simple"),
        ("-i https://example.org/simple/", "--index-url", "https://example.org/simple/"),
        ("--extra-index-url=https://example.org/whl/cpu", "--extra-index-url", "https://example.org/whl/cpu"),
        ("-f https://example.org/w.html", "--find-links", "https://example.org/w.html"),
        ("--find-links 'https://example.org/w.html'", "--find-links", "https://example.org/w.html"),
        ("--pre", "--pre", ""),
        ("--only-binary=:all:", "--only-binary", ":all:"),
        ("--no-binary numpy,scipy", "--no-binary", "numpy,scipy"),
    ],
)
def test_where_and_how_pip_looks_is_kept(tmp_path, line, name, value):
    assert _read(tmp_path, f"a\n{line}\n").options == (Item(name, value, "requirements.txt:2"),)


def test_what_has_no_effect_is_told_once(tmp_path):
    read = _read(tmp_path, f"--require-hashes\na --hash={HASH}\nb --hash={HASH}\n--prefer-binary\n-U\n")

    assert read.notices == (
        "requirements.txt: without effect here: --hash, --prefer-binary, --require-hashes, -U",
    )


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("--index-url", "`https://"),
        ("--index-url=https://me:secret@example.org/", "make it void"),
        ("a --index-url https://me:secret@example.org/", "make it void"),
        ("--unknown https://me:secret@example.org/", "make it void"),
        ("--extra-index-url ${URL}", "`https://"),
        ("--find-links ./wheels", "address of a page"),
        ("--no-binary $(id)", "such as `pandas>=2`"),
        ("--pre yes", "such as `pandas>=2`"),
        ("--unknown", "such as `pandas>=2`"),
        ("-x", "such as `pandas>=2`"),
        ("-", "such as `pandas>=2`"),
        ("a --global-option=x", "write the requirement alone"),
        ("a --config-settings x=y", "write the requirement alone"),
        (f"-r {'x' * 5000}", "seen from the file"),
        (f"./{'x' * 5000}", "needs a pyproject.toml"),
        ("-r absent.txt", "seen from the file"),
        ("-r https://example.org/r.txt", "into the repo"),
        ("-r", "into the repo"),
        ("-r ../outside.txt", "into the repo"),
        ("-r /etc/passwd", "into the repo"),
        ("-r requirements.txt", "take this line out"),
        ("-r round.txt", "take this line out"),
        ("-e -e -e git+https://example.org/r", "such as `pandas>=2`"),
        ("./absent", "needs a pyproject.toml"),
        ("/etc", "into the repo"),
        ("../sister", "into the repo"),
        ("C:\\project", "`./folder`"),
        ("./x-1-py3-none-any.whl", "project's folder"),
        ("dist/x.tar.gz", "project's folder"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path, line, hint):
    write_repo(tmp_path, {"requirements.txt": f"a\n{line}\n", "round.txt": "-r requirements.txt\n"})

    refusal = refusal_of(tmp_path)

    assert refusal.where in {"requirements.txt:2", "round.txt:1"}
    assert hint in refusal.hint
    assert "secret" not in str(refusal)


def test_a_link_that_leads_out_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret\n")
    repo = write_repo(tmp_path / "repo", {"requirements.txt": "-r more.txt\n", "more.txt": "-> ../secret"})

    refusal = refusal_of(repo)

    assert refusal.where == "more.txt"
    assert "secret" not in str(refusal)


def test_files_that_name_each_other_again_and_again_are_read_once(tmp_path):
    files = {f"{number}.txt": f"-r {number + 1}.txt\n" * 2 for number in range(40)}

    read = _read(tmp_path, "-r 0.txt\n", **files, **{"40.txt": "x\n"})

    assert _lines(read) == [("x", "40.txt:1")]


def test_a_list_that_no_one_wrote_by_hand_is_refused(tmp_path):
    text = "".join(f"x{number}\n" for number in range(MAX_ENTRIES + 1))

    assert str(MAX_ENTRIES) in refusal_of(write_repo(tmp_path, {"requirements.txt": text})).what


@given(st.text() | st.text(alphabet="-recif.=/ \\\n#x1>:@;[]"))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    repo = tmp_path_factory.mktemp("repo")
    (repo / "requirements.txt").write_bytes(text.encode("utf-8", "surrogatepass"))

    read, refusal = tried(read_declaration, repo)

    assert read or isinstance(refusal, DeclarationError)
