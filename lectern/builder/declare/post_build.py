"""postBuild's commands that install: what a lock can hold is read, so that it is locked and recorded.

What cannot work here (another JupyterLab's extensions, conda, a kernel's own installer) would end the
build, or do nothing that anybody notices. Each such command is taken out of the script, with a notice that
says what is done instead. All others are left to run as they are.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from lectern.builder.declare.conda_spec import read_spec
from lectern.builder.declare.files import Text, shown
from lectern.builder.declare.install_r import read_install_r
from lectern.builder.declare.items import CondaSpec, Item
from lectern.builder.declare.requirements_txt import PipLines, Reader
from lectern.builder.declare.shell_commands import simple_commands

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.declare.files import Source

_SHELL = re.compile(r"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:ba|da|z|k)?sh\b")
_PLAIN = re.compile(r"[^$`*?~{}()<>|&;]*")
#: In a path or an address, where `&` and `?` may stand too.
_VARIABLE = re.compile(r"[$`*]|^~")
#: Options that change nothing of what is installed; what the others lose is told.
_IDLE = {"-y", "--yes", "-q", "--quiet", "-qq", "-yq", "-qy", "--no-input", "--no-cache-dir", "--no-cache"}
_IDLE |= {"--no-warn-script-location", "--system"}
_PIP = {"--upgrade", "-U", "--no-cache-dir", "--no-cache", "--quiet", "-q", "--user", "--system", "--pre"}
_PIP |= {
    "-qq",
    "--no-input",
    "--prefer-binary",
    "--upgrade-strategy=only-if-needed",
    "--no-warn-script-location",
}
_PIP_WITH_VALUE = {"-r", "--requirement", "-e", "--editable", "-c", "--constraint"}
_CONDA = {"conda", "mamba", "micromamba"}
_CONDA_FLAGS = {"-y", "--yes", "-q", "--quiet", "-yq", "-qy", "--override-channels", "--freeze-installed"}
_CONDA_WITH_VALUE = {"-c", "--channel", "-p", "--prefix", "-n", "--name"}
#: Modules whose `install` writes a kernel, and the catalogue's language that takes its place.
_KERNELS = {
    "bash_kernel": "bash",
    "calysto_scheme": "scheme",
    "gnuplot_kernel": "gnuplot",
    "octave_kernel": "octave",
    "tcl_kernel": "tcl",
    "zsh_jupyter_kernel": "zsh",
}
_NODE = {"npm", "npx", "yarn"}
_EXTENSIONS = "extensions of JupyterLab come with their packages: list those for pip"
_DEAD: dict[tuple[str, ...], str] = {
    ("jupyter", "labextension"): _EXTENSIONS,
    ("jupyter", "lab", "build"): _EXTENSIONS,
    ("jupyter", "lab", "clean"): _EXTENSIONS,
    ("jupyter", "nbextension"): "JupyterLab 4 has no extensions of the classic notebook",
    ("jupyter", "nbextensions_configurator"): "JupyterLab 4 has no extensions of the classic notebook",
    ("jupyter", "contrib"): "JupyterLab 4 has no extensions of the classic notebook",
    ("jupyter", "serverextension"): "extensions of the server are enabled by their packages",
    ("jupyter", "server", "extension"): "extensions of the server are enabled by their packages",
    ("jupyter", "kernelspec"): "kernels come by `kernels:` in lectern.yml",
    ("python", "-m", "ipykernel"): "Python's kernel is there",
    ("ipython", "kernel"): "Python's kernel is there",
    ("python", "-m", "spacy", "download"): "name the model's wheel by its address, for pip",
    ("apt-get",): "list packages in apt.txt",
    ("apt",): "list packages in apt.txt",
    ("sudo",): "there are no administrator's rights; list packages in apt.txt",
}


@dataclass(frozen=True)
class PostBuild:
    """What a postBuild asks for, and what of it is left to run."""

    script: str = ""
    is_left: bool = False  # a command that is told of, and stays in the script
    pip: PipLines = field(default_factory=PipLines)
    conda: tuple[CondaSpec, ...] = ()
    r: tuple[Item, ...] = ()
    kernels: tuple[Item, ...] = ()
    notices: tuple[str, ...] = ()


def read_post_build(source: Source, text: Text) -> PostBuild:
    """Read a postBuild's commands; a script for another program than a shell is left as it is.

    Raises
    ------
    DeclarationError
        It installs what cannot be locked.
    """
    if not _SHELL.match(text.content):
        return PostBuild(text.content)
    found, script, end, has_moved = PostBuild(), "", 0, False
    for start, stop in simple_commands(text.content):
        command = text.content[start:stop]
        words = _words(command)
        has_moved = has_moved or words[:1] in (["cd"], ["pushd"])
        where = text.where(text.content.count("\n", 0, start) + 1)
        read = _read(source, words, where, has_moved=has_moved) if words else None
        if not read:
            continue
        found = _both(found, read)
        if read.is_left:
            continue
        # As many lines as before, so that what the shell says of a line is true.
        script += text.content[end:start] + "true" + " \\\n" * command.count("\n")
        end = stop
    return replace(found, script=script + text.content[end:])


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command.replace("\\\n", " "), comments=True)
    except ValueError:
        return []
    if words:
        words[0] = re.sub(r"^(python|pip)[\d.]+$", r"\1", posixpath.basename(words[0]))
    return words[2:] if words[:3] == ["python", "-m", "pip"] else words


def _both(one: PostBuild, other: PostBuild) -> PostBuild:
    return PostBuild(
        pip=one.pip + other.pip,
        conda=one.conda + other.conda,
        r=one.r + other.r,
        kernels=one.kernels + other.kernels,
        notices=one.notices + other.notices,
    )


def _read(source: Source, words: list[str], where: str, *, has_moved: bool) -> PostBuild | None:
    for read in (_pip(source, words, where, has_moved=has_moved), _conda(words, where), _r(words, where)):
        if read:
            return read
    if kernel := _kernel(words, where):
        return kernel
    if words[0] in _NODE:
        what = "needs Node: add `npm` to apt.txt, and install into the repo's folder, not globally"
        return replace(_told(words, where, what), is_left=True)
    for dead, instead in _DEAD.items():
        if tuple(words[: len(dead)]) == dead:
            return _told(words, where, f"is not run: {instead}")
    return None


def _told(words: list[str], where: str, what: str) -> PostBuild:
    return PostBuild(notices=(f"{where}: `{shown(' '.join(words))}` {what}",))


def _without_effect(options: Iterable[str]) -> str:
    listed = ", ".join(map(shown, dict.fromkeys(options)))
    return f"; without effect here: {listed}" if listed else ""


def _pip(source: Source, words: list[str], where: str, *, has_moved: bool) -> PostBuild | None:
    if words[:2] == ["uv", "pip"]:
        words = words[1:]
    if words[:2] != ["pip", "install"]:
        return None
    lines = _arguments(words[2:], _PIP, _PIP_WITH_VALUE)
    if not lines or (has_moved and any(line.startswith(("-", ".")) for line in lines)):
        what = "cannot change the environment: list its packages in requirements.txt"
        return replace(_told(words, where, what), is_left=True)
    text = Text("postBuild", "")  # the script runs in the repo's folder: paths are seen from there
    pip = Reader(source, folder="").read_lines(text, [(line, where) for line in lines])
    dead = [word for word in words[2:] if word in _PIP - _IDLE]
    told = f"is read as requirements, which are locked{_without_effect([*dead, *pip.dead])}"
    return replace(_told(words, where, told), pip=pip)


def _conda(words: list[str], where: str) -> PostBuild | None:
    if words[0] not in _CONDA:
        return None
    instead = _told(
        words, where, "is not run: there is no conda in the image; list packages in environment.yml"
    )
    entries = _arguments(words[2:], _CONDA_FLAGS, _CONDA_WITH_VALUE) if words[1:2] == ["install"] else None
    names = [entry for entry in entries or () if not entry.startswith("-")]
    if not names:
        return instead
    specs = tuple(read_spec(entry, where).spec for entry in names)
    dead = [word for word in words[2:] if word in _CONDA_FLAGS - _IDLE]
    dead += [entry for entry in entries or () if entry.startswith("-")]
    told = f"is read as entries of environment.yml, which are locked{_without_effect(dead)}"
    return replace(_told(words, where, told), conda=specs)


def _r(words: list[str], where: str) -> PostBuild | None:
    if words[0] not in {"R", "Rscript"}:
        return None
    code = [after for before, after in pairwise(words) if before == "-e"]
    if not code and words[-1].endswith("install.R"):
        return _told(words, where, "is not run: install.R is read, and its packages are locked")
    if not any("install" in each for each in code):
        return None
    path, _, line = where.rpartition(":")
    # Line ends before the code make its lines those of the script.
    read = read_install_r(Text(path, "\n" * (int(line) - 1) + "; ".join(code)))
    told = _told(words, where, "is read like install.R, and its packages are locked")
    return replace(told, r=read.packages, notices=told.notices + read.notices)


def _kernel(words: list[str], where: str) -> PostBuild | None:
    module = words[2].removesuffix(".install") if words[:2] == ["python", "-m"] and words[2:] else ""
    if module not in _KERNELS or not (words[2].endswith(".install") or words[3:4] == ["install"]):
        return None
    language = _KERNELS[module]
    told = _told(words, where, f"is read as `kernels: [{language}]` of lectern.yml")
    return replace(told, kernels=(Item(language, "", where),))


def _arguments(words: list[str], flags: set[str], with_value: set[str]) -> list[str] | None:
    """Give what is installed, options that name a file before it; None when only a shell could tell."""
    found, rest = [], iter(words)
    for word in rest:
        if not _PLAIN.fullmatch(word.lstrip("<>=!~")) and not re.search(r"[<>]=?\d", word):
            return None
        if word in flags:
            continue
        if word in with_value:
            value = next(rest, "")
            if _VARIABLE.search(value):
                return None
            found.append(f"{word} {value}")
        elif word.startswith("-"):
            return None
        else:
            found.append(word)
    return found
