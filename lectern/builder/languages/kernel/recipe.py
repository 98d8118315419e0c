"""What the kernel needs to know of a language: the part of its data file that runs cells."""

from __future__ import annotations

import re
import signal
import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MODES = frozenset({"loop", "stdin", "run"})


@dataclass(frozen=True)
class Wrapping:
    """How a cell without a main program becomes a program.

    Attributes
    ----------
    unless : str
        Pattern of a cell that has its own main program.
    template : str
        The program; `{hoisted}` and `{body}` stand for the cell's parts.
    hoist : str
        Pattern of the beginning of a part that must stand outside of the main program.
    line : str
        Says to the compiler where in the cell a part began, `{n}` being its line.
    ends_with_line : bool
        Whether the end of a line ends a statement.
    """

    unless: str
    template: str
    hoist: str = ""
    line: str = ""
    ends_with_line: bool = False


@dataclass(frozen=True)
class Syntax:
    """What tells a finished cell from one that goes on.

    Attributes
    ----------
    comment : tuple[str, ...]
        What begins a comment that ends with its line.
    block_comment : tuple[str, str]
        What begins and ends a longer one; empty when there is none.
    quotes : str
        Characters that begin and end a text.
    terminator : str
        Characters one of which ends a cell; empty when nothing need be there.
    openers, closers : tuple[str, ...]
        Words that open and close a block.
    """

    comment: tuple[str, ...] = ()
    block_comment: tuple[str, ...] = ()
    quotes: str = "\"'"
    terminator: str = ""
    openers: tuple[str, ...] = ()
    closers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How cells of one language are run; the package's docstring tells the modes.

    Attributes
    ----------
    start : tuple[str, ...]
        The interpreter with its loop, or the program that is run for each cell. `{here}` is the folder
        of the data files, `{folder}` the notebook's, `{work}` the kernel's own, `{source}` the cell's file.
    compile : tuple[str, ...]
        Mode `run`: what makes a program of `{source}`, run in `{work}`.
    send : str
        What is written to the interpreter for a cell: `{path}` is its file, `{code}` its text.
    ready : str
        The command that prints `{mark}ready`: typed at the start, after each cell in mode `stdin`, and
        after an interrupt in mode `loop`. Empty where the loop itself does all that.
    error : str
        Pattern of output that means that the cell failed, for interpreters that do not say it otherwise.
    interrupt : signal.Signals
        What stops a cell.
    start_s : float
        How long an interpreter may take until it is ready for the first cell.
    asks : bool
        Whether the loop says by a mark that a cell reads: what it is seen to wait for does not count.
    environment : dict[str, str]
        Variables that it needs.
    """

    name: str
    language: str
    extension: str
    mimetype: str
    codemirror: str
    pygments: str
    here: str
    mode: str
    start: tuple[str, ...]
    compile: tuple[str, ...] = ()
    send: str = "{path}\n"
    ready: str = ""
    error: str = ""
    interrupt: signal.Signals = signal.SIGINT
    start_s: float = 60
    asks: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    wrapping: Wrapping | None = None
    syntax: Syntax = field(default_factory=Syntax)


def read_recipe(path: Path) -> Recipe:
    """Read a language's data file; its part `[kernel]` must be there.

    Raises
    ------
    ValueError
        A key is missing, unknown or of no use.
    """
    return make_recipe(tomllib.loads(path.read_text(encoding="utf-8")), path)


def make_recipe(data: dict[str, Any], path: Path) -> Recipe:
    """Make a recipe of what a language's data file says.

    Raises
    ------
    ValueError
        A key is missing, unknown or of no use.
    """
    kernel = _lists_as_tuples(data["kernel"])
    if kernel.get("mode") not in MODES:
        raise ValueError(f"{path.name}: mode {kernel.get('mode')!r} is none of {', '.join(sorted(MODES))}")
    if "interrupt" in kernel:
        kernel["interrupt"] = signal.Signals[f"SIG{kernel['interrupt']}"]
    if kernel["mode"] == "stdin":
        kernel.setdefault("send", "{code}\n")
    recipe = _make(
        Recipe,
        {
            "name": data["name"],
            "language": data.get("language", path.stem),
            **{key: data[key] for key in ("extension", "mimetype", "codemirror", "pygments")},
            "here": str(path.parent.absolute()),
            "wrapping": _make(Wrapping, data["wrap"], path) if "wrap" in data else None,
            "syntax": _make(Syntax, _lists_as_tuples(data.get("syntax", {})), path),
            **kernel,
        },
        path,
    )
    re.compile(recipe.error)
    return recipe


def _make[T](kind: type[T], values: dict[str, Any], path: Path) -> T:
    unknown = values.keys() - {known.name for known in fields(kind)}  # type: ignore[arg-type]
    if unknown:
        raise ValueError(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
    return kind(**values)


def _lists_as_tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
