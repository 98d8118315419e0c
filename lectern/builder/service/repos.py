"""The bare git repos of environments: one a name, read and written without ever running what they hold."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.service.content import Tally, read_entry, require_usable
from lectern.builder.service.printable import printable
from lectern.errors import RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from lectern.builder.service.git import Git

_SUFFIX = ".git"
_BRANCHES = "refs/heads/"
_MAIN = names.MAIN_BRANCH
_HASH = re.compile(r"[0-9a-f]{40,64}")
_LOG_FORMAT = "%H%x00%an%x00%aI%x00%s%x01"


@dataclass(frozen=True)
class Commit:
    """One commit, as a list shows it."""

    hash: str
    author: str
    when: datetime
    subject: str


@dataclass(frozen=True)
class Repos:
    """All environments' repos.

    Parameters
    ----------
    folder : Path
        Holds `<name>.git` for each environment.
    git : Git
        How git is called.
    """

    folder: Path
    git: Git

    def names(self) -> list[str]:
        """Give the environments that have a repo, by name."""
        found = (path.name.removesuffix(_SUFFIX) for path in self.folder.glob(f"*{_SUFFIX}"))
        return sorted(name for name in found if names.is_environment_name(name))

    def path(self, name: str) -> Path:
        """Give the folder of a repo.

        Raises
        ------
        RepoError
            There is none, or nothing can have that name.
        """
        if not names.is_environment_name(name) or not (path := self.folder / f"{name}{_SUFFIX}").is_dir():
            raise RepoError(
                to_translate("there is no such environment"),
                where=printable(name[:60]),
                hint=to_translate("see which there are on the page of environments"),
            )
        return path

    def has(self, name: str) -> bool:
        """Say whether an environment has a repo."""
        return names.is_environment_name(name) and (self.folder / f"{name}{_SUFFIX}").is_dir()

    async def create(self, name: str, content: Path | None = None, *, person: str = "Lectern") -> str | None:
        """Make a repo, with a folder's files as the first commit of the main branch.

        Returns
        -------
        str | None
            The commit; None without content.

        Raises
        ------
        RepoError
            It exists already, or nothing can have that name.
        """
        if not names.is_environment_name(name):
            raise RepoError(
                to_translate("is no name for an environment"),
                where=name[:60],
                hint=to_translate("use lower-case letters, digits and hyphens, at most 41"),
            )
        if self.has(name):
            raise _taken(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        # Made aside, so that what has the name is always whole.
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
        try:
            bare = aside / name
            await self.git.run(bare, "init", "--quiet", "--bare", f"--initial-branch={_MAIN}")
            commit = None
            if content is not None:
                commit = await self._commit_folder(bare, content, person)
                await self.git.run(bare, "update-ref", _BRANCHES + _MAIN, commit)
            try:
                bare.rename(self.folder / f"{name}{_SUFFIX}")
            except OSError as problem:
                raise _taken(name) from problem
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return commit

    async def delete(self, name: str) -> None:
        """Remove a repo with all its history."""
        path = self.path(name)
        # Out of sight in one step: a half-removed repo must not be found under its name.
        gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=self.folder))
        path.rename(gone / name)
        shutil.rmtree(gone, ignore_errors=True)

    async def branches(self, name: str) -> dict[str, str]:
        """Give each branch's newest commit, the main branch first."""
        listed = await self.git.run(
            self.path(name), "for-each-ref", "--format=%(objectname) %(refname)", _BRANCHES
        )
        found = {}
        for line in listed.decode(errors="replace").splitlines():
            commit, _, ref = line.partition(" ")
            found[ref.removeprefix(_BRANCHES)] = commit
        return dict(sorted(found.items(), key=lambda one: (one[0] != _MAIN, one[0])))

    async def resolve(self, name: str, ref: str) -> str:
        """Give the full hash of a branch, tag or (abbreviated) commit.

        Raises
        ------
        RepoError
            There is none such.
        """
        status, out, _ = await self.git.try_run(
            self.path(name), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
        if status:
            raise RepoError(
                to_translate("there is no branch or commit “{ref}”"),
                where=name,
                hint=to_translate("the environment's history shows those that are there"),
                ref=printable(ref[:60]),
            )
        return out.decode().strip()

    async def log(self, name: str, ref: str = _MAIN, n: int = 50) -> list[Commit]:
        """Give the last commits of a branch, the newest first; none for an empty repo."""
        if ref not in await self.branches(name) and ref == _MAIN:
            return []
        commit = await self.resolve(name, ref)
        text = await self.git.run(
            self.path(name), "log", f"--max-count={n}", f"--format={_LOG_FORMAT}", commit
        )
        return [
            Commit(hash_, author, datetime.fromisoformat(when), subject)
            for record in text.decode(errors="replace").split("\x01")
            if record.strip()
            for hash_, author, when, subject in [record.strip().split("\0")]
        ]

    async def read(self, name: str, ref: str, path: str) -> bytes:
        """Read a file at a commit.

        Raises
        ------
        RepoError
            It is not there.
        """
        commit = await self.resolve(name, ref)
        status, out, _ = await self.git.try_run(self.path(name), "cat-file", "blob", f"{commit}:{path}")
        if status:
            raise RepoError(
                to_translate("there is no such file"),
                where=f"{name}: {path}",
                hint=to_translate("see the branch's files"),
            )
        return out

    async def files(self, name: str, ref: str) -> list[str]:
        """Give the paths of all files at a commit."""
        commit = await self.resolve(name, ref)
        out = await self.git.run(self.path(name), "ls-tree", "-r", "-z", "--name-only", commit)
        return [path for path in out.decode(errors="replace").split("\0") if path]

    async def commit_file(
        self, name: str, path: str, text: str, *, person: str, subject: str, ref: str = _MAIN
    ) -> str:
        """Make a commit on top of a branch that changes one file; nothing points to it until `advance`.

        Raises
        ------
        RepoError
            Git does not take the path.
        """
        repo = self.path(name)
        parent = (await self.branches(name)).get(ref)
        with tempfile.TemporaryDirectory() as folder:
            git = self.git.seeing(GIT_INDEX_FILE=f"{folder}/index", **_author(person))
            if parent:
                await git.run(repo, "read-tree", parent)
            blob = await git.run(repo, "hash-object", "-w", "--stdin", stdin=text.encode())
            entry = f"100644,{blob.decode().strip()},{path}"
            await git.run(repo, "update-index", "--add", "--cacheinfo", entry)
            return await _commit_index(git, repo, subject, parent)

    async def advance(self, name: str, ref: str, commit: str, *, expected: str | None = None) -> None:
        """Let a branch point to a commit.

        Parameters
        ----------
        name, ref, commit : str
            Environment, branch, full hash.
        expected : str | None
            Where it has to point before; None: wherever.

        Raises
        ------
        RepoError
            Somebody else moved it meanwhile.
        """
        before = [expected] if expected is not None else []
        status, _, said = await self.git.try_run(
            self.path(name), "update-ref", _BRANCHES + ref, commit, *before
        )
        if status:
            raise RepoError(
                to_translate("the branch {branch} could not be moved ({reason})"),
                where=name,
                hint=to_translate("somebody pushed meanwhile: look at it and try again"),
                branch=ref,
                reason=said.strip(),
            )

    async def find_ref(self, name: str, ref: str) -> str | None:
        """Give what a full ref points to; None when it is not there."""
        status, out, _ = await self.git.try_run(
            self.path(name), "rev-parse", "--verify", "--quiet", "--end-of-options", ref
        )
        return None if status else out.decode().strip()

    async def is_kept(self, name: str, ref: str) -> bool:
        """Say whether what was built by a name is still there: a branch, a tag, a commit of any branch."""
        for full in (f"{_BRANCHES}{ref}", f"refs/tags/{ref}"):
            if await self.find_ref(name, full) is not None:
                return True
        if not _HASH.fullmatch(ref):
            return False
        status, out, _ = await self.git.try_run(
            self.path(name), "for-each-ref", "--count=1", f"--contains={ref}", _BRANCHES
        )
        return not status and bool(out)

    async def export(
        self, name: str, commit: str, folder: Path, *, max_bytes: int, git: Git | None = None
    ) -> None:
        """Write a commit's files into a folder, as a clone would have them.

        `.gitattributes` counts for line ends; `export-ignore` does not: what is pushed is what is built.

        Parameters
        ----------
        name, commit : str
            Environment and full hash.
        folder : Path
            Exists and is empty.
        max_bytes : int
            Most that all files together may hold.
        git : Git | None
            One that sees objects which a push has brought and which are not accepted yet.

        Raises
        ------
        DeclarationError
            There is a submodule, a pointer to LFS, a link to outside, or too much.
        """
        seeing = git or self.git
        repo = self.path(name)
        tally, rest = Tally(max_bytes), b""
        async for part in seeing.stream(repo, "ls-tree", "-r", "-l", "-z", "--full-tree", commit):
            *whole, rest = (rest + part).split(b"\0")
            tally.add(read_entry(entry.decode(errors="surrogateescape")) for entry in whole)
        with tempfile.TemporaryDirectory() as aside:
            seeing = seeing.seeing(GIT_INDEX_FILE=f"{aside}/index")
            await seeing.run(repo, "read-tree", commit)
            await seeing.run(repo, f"--work-tree={folder}", "checkout-index", "--all", "--force")
        await asyncio.to_thread(require_usable, folder)

    async def _commit_folder(self, bare: Path, content: Path, person: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            git = self.git.seeing(GIT_INDEX_FILE=f"{folder}/index", **_author(person))
            await git.run(bare, f"--work-tree={content}", "add", "--all", "--force", "--", ":/")
            return await _commit_index(git, bare, "Begin", None)


async def _commit_index(git: Git, repo: Path, subject: str, parent: str | None) -> str:
    tree = (await git.run(repo, "write-tree")).decode().strip()
    parents = ["-p", parent] if parent else []
    commit = await git.run(repo, "commit-tree", tree, *parents, "-m", subject or "Change")
    return commit.decode().strip()


def _taken(name: str) -> RepoError:
    return RepoError(
        to_translate("there is such an environment already"),
        where=name,
        hint=to_translate("choose another name"),
    )


def _author(person: str) -> dict[str, str]:
    clean = "".join(letter for letter in person if letter.isprintable() and letter not in "<>") or "somebody"
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", clean), ("EMAIL", f"{names.SERVICE}@lectern.invalid"))
    }
