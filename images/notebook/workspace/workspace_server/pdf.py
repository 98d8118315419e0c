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
    "image/svg+xml", "image/png", "image/jpeg", "image/gif", "text/latex", "text/markdown", "text/html", "text/plain",
)  # fmt: skip
#: A word longer than a line must break somewhere: it would leave the page.
_LONGEST_WORD = 80
_NAMED_CHARACTERS = 12
_NO_FONT = (
    "No font here has these characters; they show as empty boxes: {}. "
    "A font package in the environment’s apt.txt brings them: fonts-noto-core (most scripts), "
    "fonts-noto-color-emoji, fonts-noto-cjk-extra."
)


class TypstPDFExporter(Exporter):
    """PDF by Typst: a tenth of a second, and every script that a font is there for."""

    output_mimetype = "application/pdf"
    export_from_notebook = "PDF"
    paper = Unicode("a4", help="Paper, by Typst's name: a4, us-letter.").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Set a notebook; a note on the first page names the characters that no font draws."""
        notebook, resources = super().from_notebook_node(nb, resources, **more)
        about = resources.get("metadata", {})
        with tempfile.TemporaryDirectory(prefix="pdf-") as folder:
            source = _to_typst(
                notebook,
                folder=Path(folder),
                title=about.get("name", ""),
                beside=Path(about.get("path") or "."),
                paper=self.paper,
                log=self.log,
            )
            import typst  # noqa: PLC0415 - 80 MB, only now needed

            return typst.compile(str(source), root=folder), resources


def _to_typst(
    notebook: NotebookNode, *, folder: Path, title: str, beside: Path, paper: str, log: Any
) -> Path:
    plain = nbformat.writes(nbformat.from_dict(_for_paper(notebook)))
    (folder / "in.ipynb").write_text(plain, encoding="utf-8")
    lost = missing(_words(notebook))
    variables = {"title": title.replace("\\", "\\\\").replace('"', '\\"'), "papersize": paper}
    if lost:
        names = ", ".join(f"U+{ord(c):04X}" for c in lost[:_NAMED_CHARACTERS])
        variables["missing"] = _NO_FONT.format(names + (" …" if len(lost) > _NAMED_CHARACTERS else ""))
        log.warning("%s", variables["missing"])
    out = folder / "notebook.typ"
    done = subprocess.run(
        [
            "pandoc", "--from=ipynb+raw_tex", "--to=typst", "--ipynb-output=all", "--wrap=preserve",
            f"--data-dir={folder}", f"--lua-filter={_HERE / 'cells.lua'}", f"--template={_HERE / 'notebook.typ'}",
            *(f"--variable={name}:{value}" for name, value in variables.items()),
            f"--output={out}", str(folder / "in.ipynb"),
        ],
        cwd=beside, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"pandoc could not read the notebook: {done.stderr.strip()}")
    if done.stderr:
        log.info("pandoc: %s", done.stderr.strip())
    return out


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
    return re.sub(rf"(\S{{{_LONGEST_WORD}}})(?=\S)", "\\1\u200b", "\n".join(lines))


class LostCharactersError(Exception):
    """LaTeX left characters out; the message is its log's first line on them."""


class XelatexPDFExporter(StockPDFExporter):
    """PDF by xelatex, whose own silence about letters that its fonts lack is not taken for success."""

    export_from_notebook = "PDF"

    def _template_name_default(self) -> str:
        return "offline-latex"

    def run_latex(self, filename: str, raise_on_failure: type[Exception] = LatexFailed) -> Any:
        """Run xelatex, and look into its log for characters that it dropped."""
        done = super().run_latex(filename, raise_on_failure)
        log = Path(filename).with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        if lost := re.search(r"Missing character: .*", log):
            raise LostCharactersError(lost[0])
        return done

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Set a notebook by LaTeX; by Typst when LaTeX would lose some of it."""
        try:
            return super().from_notebook_node(deepcopy(nb), deepcopy(resources), **more)
        except LostCharactersError as problem:
            self.log.warning(
                "xelatex has no font for all of the notebook (%s): set by Typst instead", problem
            )
            return TypstPDFExporter(parent=self).from_notebook_node(nb, resources, **more)


PDFExporter = XelatexPDFExporter if shutil.which("xelatex") else TypstPDFExporter
