import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.requirement import read_requirement, require_address
from lectern.errors import DeclarationError
from tests.support.refusals import tried

WHERE = "requirements.txt:3"
HASH = "0" * 40


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("pandas", "pandas"),
        ("pandas >= 2, < 3", "pandas<3,>=2"),
        ("pandas==2.*", "pandas==2.*"),
        ("pandas[excel, aws]~=2.0", "pandas[aws,excel]~=2.0"),
        ("torch==1.9.0+cu111", "torch==1.9.0+cu111"),
        ("x ; python_version < '3.9'", 'x; python_version < "3.9"'),
        ("git+https://example.org/o/r", "git+https://example.org/o/r"),
        ("git+https://example.org/o/r.git@v1#egg=r", "r @ git+https://example.org/o/r.git@v1"),
        (
            "git+https://example.org/o/r@b#egg=r[all]&subdirectory=py",
            "r[all] @ git+https://example.org/o/r@b#subdirectory=py",
        ),
        (f"r @ git+https://example.org/o/r@{HASH}", f"r @ git+https://example.org/o/r@{HASH}"),
        ("r@git+https://example.org/o/r", "r @ git+https://example.org/o/r"),
        ("https://example.org/x-1-py3-none-any.whl", "https://example.org/x-1-py3-none-any.whl"),
        ("https://github.com/o/r/archive/main.zip", "https://github.com/o/r/archive/main.zip"),
        (
            "x @ https://example.org/x.tar.gz ; sys_platform == 'linux'",
            'x @ https://example.org/x.tar.gz ; sys_platform == "linux"',
        ),
    ],
)
def test_a_requirement_is_written_as_uv_takes_it(text, line):
    assert read_requirement(text, WHERE).line == line


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("pandas=2.1", "write `pandas==2.1`"),
        ("pandas 2", "such as `pandas>=2`"),
        ("pandas>=2 <3", "such as `pandas>=2`"),
        ("pändas", "such as `pandas>=2`"),
        ("pandas; rm -rf /", "such as `pandas>=2`"),
        ("pandas; python_version < '\\e'", "such as `pandas>=2`"),
        ("pandas`id`", "such as `pandas>=2`"),
        ("pandas\nRUN id", "such as `pandas>=2`"),
        ("pandas==${VERSION}", "write the value itself"),
        ("git+https://github.com/o/r/tree/main", "write `git+https://github.com/o/r@main`"),
        ("git+https://github.com/o/r/tree/main/sub#egg=r", "write `git+https://github.com/o/r@main`"),
        ("https://github.com/o/r/blob/main/x.py", "write `git+https://github.com/o/r@main`"),
        ("https://gitlab.com/o/r/-/tree/main", "write `git+https://gitlab.com/o/r@main`"),
        ("https://github.com/o/r/zipball/v1", "write `git+https://github.com/o/r@v1`"),
        ("r @ https://github.com/o/r", "write `git+https://github.com/o/r`"),
        ("https://github.com/o/r/", "write `git+https://github.com/o/r`"),
        ("https://example.org/page", "the address of a wheel"),
        ("git+ssh://git@github.com/o/r", "write `git+https://"),
        ("git+git://github.com/o/r", "write `git+https://"),
        ("git+file:///etc", "write `git+https://"),
        ("hg+https://example.org/r", "write `git+https://"),
        ("git+https://me:secret@example.org/r", "make it void"),
        ("git+https://secret@example.org/r", "make it void"),
        ("git+ssh://me:secret@example.org/r", "make it void"),
        ("x @ https://me:secret@example.org/x.whl", "make it void"),
        ("git+https://example.org/r@`id`", "write `https://"),
        ("ftp://example.org/x.whl", "write `https://"),
        ("file:///etc/x.whl", "write `https://"),
    ],
)
def test_what_is_no_requirement_is_refused_with_the_way_out(text, hint):
    with pytest.raises(DeclarationError) as caught:
        read_requirement(text, WHERE)

    assert caught.value.where == WHERE
    assert hint in caught.value.hint
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["https://example.org", "https://example.org/whl/cpu", "http://10.0.0.1:8080/simple/"]
)
def test_an_address_is_taken(text):
    assert require_address(text, WHERE) == text


@pytest.mark.parametrize(
    "text", ["", "example.org", "https://", "https://u@h/x", "https://h/ x", "https://h/$X", "https://h/'"]
)
def test_what_is_no_address_is_refused(text):
    _, refusal = tried(require_address, text, WHERE)

    assert refusal.where == WHERE


@given(st.text() | st.text(alphabet="git+https:/.@#=;[]x1 <>-\n"))
def test_any_requirement_is_one_plain_line_or_refused(text):
    read, refusal = tried(read_requirement, text, WHERE)

    if refusal:
        assert refusal.hint
    else:
        assert read.line.isascii()
        assert read.line.isprintable()
        assert not read.line.startswith("-")


def test_the_hash_of_an_archive_stays():
    address = f"https://example.org/x.zip#sha256={'a' * 64}&subdirectory=py"

    assert read_requirement(f"{address}&egg=x", "r.txt:1").line == f"x @ {address}"
    assert (
        read_requirement("x @ https://example.org/x.zip#sha256=0", "r.txt:1").line
        == "x @ https://example.org/x.zip"
    )
