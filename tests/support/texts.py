"""What the pages say: every text that templates and code hand to gettext."""

import io
from pathlib import Path

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
KEYWORDS = ("_", "gettext", "ngettext", "to_translate")
TEMPLATES = sorted([*(ROOT / "hub/templates").glob("*.html"), *(ROOT / "lectern").rglob("*.html")])
CODE = sorted((ROOT / "lectern").rglob("*.py"))


def texts():
    """Give {msgid, or (one, many): where it is used}."""
    used = {}
    for paths, extract, options in (
        (TEMPLATES, babel_extract, {"extensions": "jinja2.ext.i18n", "silent": "false"}),
        (CODE, extract_python, {}),
    ):
        for path in paths:
            keywords = (*KEYWORDS, "_n") if paths is TEMPLATES else KEYWORDS
            for line, function, message, _ in extract(io.BytesIO(path.read_bytes()), keywords, (), options):
                given = message if isinstance(message, tuple) else (message,)
                said = tuple(text for text in given if isinstance(text, str))
                if not said:
                    continue
                key = said[:2] if function == "ngettext" else said[0]
                used.setdefault(key, f"{path.relative_to(ROOT)}:{line}")
    return used
