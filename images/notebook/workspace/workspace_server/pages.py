"""Notebook → page or slides that are whole: what stock nbconvert loads from other hosts is in the file."""

from __future__ import annotations

import base64
import re
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import HTMLExporter, SlidesExporter
from traitlets import default

if TYPE_CHECKING:
    from nbformat import NotebookNode

_ASSETS = Path(sys.prefix) / "share/lectern/assets"
_REVEAL = "offline:reveal"

# MathJax 3 draws with its own letters, so one file is all. The stock templates steer version 2.
_MATHJAX_SETTINGS = r"""window.MathJax = {
  tex: {inlineMath: [["$", "$"], ["\\(", "\\)"]], displayMath: [["$$", "$$"], ["\\[", "\\]"]],
        processEscapes: true, processEnvironments: true, tags: "ams"},
  options: {enableMenu: false}
};
"""
_MATHJAX_2 = """
;window.MathJax = window.MathJax || {};
window.MathJax.Hub = {Config() {}, Queue() {}, getAllJax() { return []; }, Rerender() {}};
"""
_HAS_MATH = re.compile(r"\$|\\\\?\(|\\\\?\[|\\begin\{")
_HAS_MERMAID = re.compile(r"mermaid")


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _address(text: str, kind: str = "text/javascript") -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


@cache
def _script(name: str) -> str:
    return _address(_asset(name))


def _mathjax(*, is_used: bool) -> str:
    return _address((_MATHJAX_SETTINGS + _asset("tex-svg-full.js") if is_used else "") + _MATHJAX_2)


def _mermaid(*, is_used: bool) -> str:
    if not is_used:
        return _address("export default {initialize() {}};")
    # A module's `var` is no global, which the stock file takes it for.
    own = _asset("mermaid.min.js").replace("globalThis.__esbuild_esm_mermaid_nm", "__esbuild_esm_mermaid_nm")
    return _address(f"{own}\nexport default globalThis.mermaid;")


class _Offline(HTMLExporter):
    """What page and slides share."""

    @default("require_js_url")
    def _require_js_url_default(self) -> str:
        return _script("require.js")

    @default("jquery_url")
    def _jquery_url_default(self) -> str:
        return _script("jquery.min.js")

    @default("mermaid_layout_elk_js_url")
    def _mermaid_layout_elk_js_url_default(self) -> str:
        return ""

    @default("embed_images")
    def _embed_images_default(self) -> bool:
        return True

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: object
    ) -> tuple[str, dict[str, Any]]:
        """Export a notebook, with MathJax and Mermaid only if it has something for them."""
        notebook = deepcopy(nb)
        # Saved widgets are drawn by code that lies elsewhere: their plain text is shown.
        notebook.metadata.pop("widgets", None)
        # IPython, whose lexer it names, is with the kernels.
        language = notebook.metadata.get("language_info", {})
        if str(language.get("pygments_lexer", "")).startswith("ipython"):
            language["pygments_lexer"] = "python3"
        words = nbformat.writes(notebook)
        self.mathjax_url = _mathjax(is_used=bool(_HAS_MATH.search(words)))
        self.mermaid_js_url = _mermaid(is_used=bool(_HAS_MERMAID.search(words)))
        return super().from_notebook_node(notebook, resources, **more)


class OfflineHTMLExporter(_Offline):
    """A page."""


class OfflineSlidesExporter(_Offline, SlidesExporter):
    """Slides by reveal.js."""

    @default("reveal_url_prefix")
    def _reveal_url_prefix_default(self) -> str:
        return _REVEAL

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: object
    ) -> tuple[str, dict[str, Any]]:
        """Export a notebook, and put reveal.js where its address stands."""
        page, resources = super().from_notebook_node(nb, resources, **more)
        return re.sub(rf"{_REVEAL}/(?:dist|plugin)/([\w./-]+)", _reveal_part, page), resources


def _reveal_part(found: re.Match[str]) -> str:
    text = _asset(f"reveal/{Path(found[1]).name}")
    if not found[1].endswith(".css"):
        return _address(text)
    # Its own letters would be 0.4 MB a file; the next in the theme's list are everywhere.
    return _address(re.sub(r"@import url\([^)]*\);", "", text), "text/css")
