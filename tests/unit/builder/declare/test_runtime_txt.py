import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.files import Text
from lectern.builder.declare.items import Item
from lectern.builder.declare.runtime_txt import Runtime, read_runtime_txt
from lectern.errors import DeclarationError
from tests.support.refusals import tried


def _read(content):
    return read_runtime_txt(Text("runtime.txt", content))


@pytest.mark.parametrize(
    ("content", "version"),
    [("python-3.11", "==3.11.*"), ("python-3.11.4\n", "==3.11.4"), ("\n python-3 \n\n", "==3.*")],
)
def test_a_python_is_read(content, version):
    assert _read(content) == Runtime(
        python=Item("python", version, f"runtime.txt:{content.index('p') // 2 + 1}")
    )


@pytest.mark.parametrize(
    ("content", "version"),
    [("r-2024-05-01", ""), ("r-4.4-2024-05-01\n", "4.4"), ("r-4.4.1-2024-05-01", "4.4.1")],
)
def test_a_date_of_cran_is_read(content, version):
    assert _read(content) == Runtime(r_snapshot=Item("2024-05-01", version, "runtime.txt:1"))


@pytest.mark.parametrize(
    "content",
    [
        *(
            "",
            "\n",
            "python",
            "python-",
            "python-three",
            "python-3.11.x",
            "pypy-3.9",
            "3.11",
            "python-3.11\nr-2024-05-01",
        ),
        *(
            "r",
            "r-4.4",
            "r-2024-13-01",
            "r-2024-02-30",
            "r-24-1-1",
            "julia-1.10",
            "python-3.11; id",
            "python-$(id)",
        ),
    ],
)
def test_another_runtime_is_refused(content):
    with pytest.raises(DeclarationError) as caught:
        _read(content)

    assert caught.value.where.startswith("runtime.txt")
    assert caught.value.hint


@given(st.text(alphabet="pythonr-0123456789.\n ") | st.text())
def test_any_text_is_a_runtime_or_refused(text):
    read, refusal = tried(_read, text)

    assert read or refusal.hint
