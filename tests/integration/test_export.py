"""A notebook becomes a page, slides and PDF without a network, and nothing of it is lost."""

import base64
import io
import json
import re
import struct
import zlib

import pypdf
import pytest

from lectern.builder.plan import Step
from tests.support.notebook_image import serving
from tests.support.step_image import notebook_image, run, step_images

# What a page loads of itself: links that a reader follows are the author's.
LOADED = re.compile(
    r"""(?:\bsrc=|<link[^>]*\bhref=|\bfrom |\bimport\(|url\()\s*["']?((?:https?:)?//[^"')\s]+)"""
)


def _png(width: int, height: int) -> bytes:
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((40, 90, 160)) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _markdown(source: str) -> dict:
    return {"cell_type": "markdown", "metadata": {"slideshow": {"slide_type": "slide"}}, "source": source}


def _code(number: int, source: str, *outputs: dict) -> dict:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": list(outputs),
        "execution_count": number,
    }


def _notebook(*cells: dict) -> bytes:
    python = {"name": "python3", "display_name": "Python", "language": "python"}
    metadata = {"kernelspec": python, "language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    numbered = [cell | {"id": f"cell-{index}"} for index, cell in enumerate(cells)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": numbered}).encode()


EVERYTHING = _notebook(
    _markdown("# Größen, Урок, Μάθημα, 第一課\n\nInline $e^{i\\pi}+1=0$ and ~~struck~~ **bold**."),
    _markdown("$$\\int_0^1 x\\,dx=\\frac{1}{2}$$\n\n\\begin{align}alpha&=b\\\\c&=d\\end{align}"),
    _markdown("| Größe | Wert |\n|--|--|\n| Masse | 3750 |\n\n![far](https://example.org/far.png)"),
    _markdown("```mermaid\ngraph LR\nStart-->Ende\n```"),
    _code(
        1,
        "print('Привет')  # [x] #y $z \\ \"q\"",
        {"output_type": "stream", "name": "stdout", "text": "Привет, 世界\n"},
    ),
    _code(
        2,
        "frame",
        {
            "output_type": "execute_result",
            "execution_count": 2,
            "metadata": {},
            "data": {
                "text/html": "<div><table><tr><th>species</th></tr><tr><td>Adelie</td></tr></table></div>",
                "text/plain": "species",
            },
        },
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/png": base64.b64encode(_png(60, 30)).decode(), "text/plain": "<Figure>"},
        },
    ),
    _code(
        3,
        "1 / 0",
        {
            "output_type": "error",
            "ename": "ZeroDivisionError",
            "evalue": "division by zero",
            "traceback": ["\x1b[31mZeroDivisionError\x1b[39m: division by zero"],
        },
    ),
)


@pytest.fixture(scope="module")
def image():
    return notebook_image()


def _export(image: str, kind: str, notebook: bytes) -> bytes:
    ending = {"html": "html", "slides": "slides.html", "pdf": "pdf"}[kind]
    script = f"cat >n.ipynb; /opt/jupyter/bin/jupyter nbconvert --to {kind} n.ipynb >&2; cat n.{ending}"
    return run(image, "bash", "-ec", script, stdin=notebook)


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_pdf_holds_all_of_a_notebook_in_every_script(image):
    pdf = _export(image, "pdf", EVERYTHING)

    text = _text(pdf)
    words = ("Größen", "Урок", "Μάθημα", "第一課", "bold", "Masse", "3750", "https://example.org/far.png")
    outputs = ("Привет, 世界", "species", "Adelie", "ZeroDivisionError: division by zero")
    assert [word for word in (*words, *outputs) if word not in text] == []
    assert "\\begin" not in text
    assert re.search(r"In\s*\[1\]", text)
    assert re.search(r"Out\s*\[2\]", text)
    assert '# [x] #y $z \\ "q"' in text
    assert sum(len(page.images) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    assert "No font here" not in text


def test_html_raw_cells_and_words_longer_than_a_line_are_in_the_pdf(image):
    columns = "".join(f"<th>column_{number}</th>" for number in range(24))
    data = {"text/html": f"<table><tr>{columns}</tr></table>", "text/plain": "table"}
    wide = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    said = {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": "said in **Markdown**"}}
    notebook = _notebook(
        _markdown(
            "<details><summary>Summary</summary>\n\nfolded\n\n</details>\n\n<div>An <b>alert</b></div>"
        ),
        {"cell_type": "raw", "metadata": {}, "source": "left as it is"},
        _code(1, "x" * 300, wide, said),
    )

    text = _text(_export(image, "pdf", notebook))

    seen = ("Summary", "folded", "alert", "left as it is", "said in Markdown", "column_0", "column_23")
    assert [words for words in seen if words not in text] == []
    assert re.sub(r"\s|\u200b", "", text).count("x" * 300) == 1


def test_a_pdf_says_which_characters_no_font_has(image):
    text = _text(_export(image, "pdf", _notebook(_markdown("Linear B: \U00010000\n"))))

    assert "U+10000" in text
    assert "apt.txt" in text


def test_an_empty_notebook_and_one_of_typst_markup_are_set(image):
    assert _export(image, "pdf", _notebook()).startswith(b"%PDF")
    hostile = '#panic("x") ]]] \\#[ $ "'

    text = _text(_export(image, "pdf", _notebook(_markdown(f"    {hostile}"), _code(1, hostile))))

    assert text.count(hostile) == 2


@pytest.mark.parametrize("kind", ["html", "slides"])
def test_a_page_loads_nothing_from_another_host(image, kind):
    notebook = EVERYTHING.replace(b"https://example.org/far.png", b"data:,")

    page = _export(image, kind, notebook).decode()

    assert LOADED.findall(page) == []
    scripts = [
        base64.b64decode(found) for found in re.findall(r"data:text/javascript;base64,([\w+/=]+)", page)
    ]
    assert any(b"MathJax" in script and len(script) > 1_000_000 for script in scripts)
    assert any(b"mermaid" in script and len(script) > 1_000_000 for script in scripts)
    assert "Привет, 世界" in page


def test_a_page_without_formulas_carries_no_mathjax(image):
    assert len(_export(image, "html", _notebook(_markdown("plain words")))) < 1_000_000


def test_the_menu_shows_what_works_and_its_pdf_is_ours(image):
    with serving(image) as server:
        formats = set(server.http.get("/api/nbconvert").json())
        server.http.put("/api/contents/n.ipynb", json={"type": "notebook", "content": json.loads(EVERYTHING)})

        answer = server.http.get("/nbconvert/pdf/n.ipynb", params={"download": "true"})

        assert {"html", "slides", "pdf"} <= formats
        assert formats.isdisjoint({"webpdf", "qtpdf", "qtpng"})
        assert answer.headers["Content-Type"].startswith("application/pdf")
        assert "第一課" in _text(answer.content)


def test_a_template_of_the_repo_is_found():
    template = "{%- extends 'lab/index.html.j2' -%}{% block body_header %}<body>SHOUT{% endblock %}"
    repo = {
        "templates/shout/conf.json": '{"base_template": "lab"}',
        "templates/shout/index.html.j2": template,
    }
    step = Step("install-templates.bash", ("/srv/env/templates",))
    convert = "/opt/jupyter/bin/jupyter nbconvert --to html --template shout --stdout n.ipynb"
    with step_images() as images:
        own = images.build(repo=repo, final_steps=(step,))
        page = run(own, "bash", "-ec", f"cat >n.ipynb; {convert}", stdin=_notebook())

    assert b"SHOUT" in page
