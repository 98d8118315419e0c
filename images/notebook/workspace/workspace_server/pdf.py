"""Notebook → PDF: through pandoc and Typst; through xelatex where the environment has LaTeX."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import Exporter
from nbconvert.exporters import PDFExporter as StockPDFExporter
from nbconvert.exporters.pdf import LatexFailed
from nbconvert.filters import strip_ansi
from traitlets import Unicode

from workspace_server.glyphs import missing

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HERE = Path(__file__).parent
# The most telling form that paper can show comes first.
_SHOWN = (
    *("image/svg+xml", "image/png", "image/jpeg", "image/gif"),
    *("text/latex", "text/markdown", "text/html", "text/plain"),
)
#: A word longer than a line must break somewhere: it would leave the page.
_LONGEST_WORD = 80
_NAMED_CHARACTERS = 12
_NO_FONT = (
    "No font here has these characters; they show as empty boxes: {}. "
    "A font package in the environment's apt.txt brings them: fonts-noto-core (most scripts), "
    "fonts-noto-color-emoji, fonts-noto-cjk-extra."
)


class TypstPDFExporter(Exporter):
    """PDF by Typst: a tenth of a second, and every script that a font is there for."""

    output_mimetype = "application/pdf"
    export_from_notebook = "PDF"
    paper = Unicode("a4", help="Paper, by Typst's name: a4, us-letter.").tag(config=True)
    note = Unicode("", help="What stands in a frame above the first cell.")

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: object
    ) -> tuple[bytes, dict[str, Any]]:
        """Set a notebook; a note on the first page names the characters that no font draws."""
        notebook, resources = super().from_notebook_node(nb, resources, **more)
        about = resources.get("metadata", {})
        variables = {"title": about.get("name", ""), "papersize": self.paper, "note": self.note}
        if lost := missing(_words(notebook)):
            names = ", ".join(f"U+{ord(c):04X}" for c in lost[:_NAMED_CHARACTERS])
            words = _NO_FONT.format(names + (" …" if len(lost) > _NAMED_CHARACTERS else ""))
            self.log.warning("%s", words)
            variables["note"] = f"{self.note} {words}".strip()
        with tempfile.TemporaryDirectory(prefix="pdf-") as folder:
            source = _to_typst(notebook, Path(folder), Path(about.get("path") or "."), variables)
            import typst

            return typst.compile(str(source), root=folder), resources


def _to_typst(notebook: NotebookNode, folder: Path, beside: Path, variables: dict[str, str]) -> Path:
    source, out = folder / "in.ipynb", folder / "notebook.typ"
    source.write_text(nbformat.writes(nbformat.from_dict(_for_paper(notebook))), encoding="utf-8")
    done = subprocess.run(
        [
            *(
                "pandoc",
                "--from=ipynb+raw_tex+tex_math_double_backslash",
                "--to=typst",
                "--ipynb-output=all",
                "--wrap=preserve",
            ),
            *(f"--lua-filter={_HERE / 'cells.lua'}", f"--template={_HERE / 'notebook.typ'}"),
            f"--data-dir={folder}",  # where cells.lua puts images
            *(f"--variable={name}:{_in_quotes(value)}" for name, value in variables.items() if value),
            *(f"--output={out}", str(source)),
        ],
        cwd=beside,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"pandoc could not read the notebook: {done.stderr.strip()}")
    return out


def _in_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _words(notebook: NotebookNode) -> str:
    return json.dumps(
        [
            [cell.source, [o for o in cell.get("outputs", []) if "text" in o or "data" in o]]
            for cell in notebook.cells
        ],
        ensure_ascii=False,
    )


def _for_paper(notebook: NotebookNode) -> NotebookNode:
    """Leave one form of each output, and no terminal's control codes."""
    paper = deepcopy(notebook)
    for cell in paper.cells:
        if cell.cell_type == "code":
            cell.source = _broken(cell.source)
            cell.outputs = [_output_for_paper(output) for output in cell.outputs]
    return paper


def _output_for_paper(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = _printable(output.text)
    elif output.output_type == "error":
        output.traceback = [_printable(line) for line in output.traceback]
    else:
        output.data = _one_form(output.data)
    return output


def _one_form(data: dict[str, Any]) -> dict[str, Any]:
    for form in _SHOWN:
        if form not in data or (form == "text/html" and "<table" not in data[form]):
            continue
        return {form: _printable(data[form]) if form == "text/plain" else data[form]}
    return {"text/plain": f"[{', '.join(data)}]"} if data else {}


def _printable(text: str) -> str:
    lines = (line.rstrip("\r").rsplit("\r", 1)[-1] for line in strip_ansi(text).split("\n"))
    return _broken("\n".join(lines))


def _broken(text: str) -> str:
    return re.sub(rf"(\S{{{_LONGEST_WORD}}})(?=\S)", "\\1\u200b", text)


class LostCharactersError(Exception):
    """LaTeX left characters out; the message is its log's first line on them."""


class XelatexPDFExporter(StockPDFExporter):
    """PDF by xelatex, whose own silence about letters that its fonts lack is not taken for success."""

    export_from_notebook = "PDF"

    def _template_name_default(self) -> str:
        return "offline-latex"

    def run_latex(self, filename: str, raise_on_failure: type[Exception] = LatexFailed) -> bool:
        """Run xelatex, and look into its log for characters that it dropped."""
        done = super().run_latex(filename, raise_on_failure)
        log = Path(filename).with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        if lost := re.search(r"Missing character: .*", log):
            raise LostCharactersError(lost[0])
        return done

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: object
    ) -> tuple[bytes, dict[str, Any]]:
        """Set a notebook by LaTeX; by Typst when LaTeX would lose some of it."""
        try:
            return super().from_notebook_node(deepcopy(nb), deepcopy(resources), **more)
        except LostCharactersError as problem:
            self.log.warning(
                "xelatex has no font for all of the notebook (%s): set by Typst instead", problem
            )
            return TypstPDFExporter(parent=self).from_notebook_node(nb, resources, **more)
        except LatexFailed as problem:
            reasons = [line for line in str(problem).splitlines() if line.startswith("!")] or [
                "! no reason given"
            ]
            note = f"LaTeX could not set this notebook, Typst did. LaTeX said: {reasons[0]}"
            self.log.warning("%s", note)
            return TypstPDFExporter(parent=self, note=note).from_notebook_node(nb, resources, **more)


PDFExporter = XelatexPDFExporter if shutil.which("xelatex") else TypstPDFExporter
