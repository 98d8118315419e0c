"""Build, label, tag and try images: this area's only Docker caller."""

from __future__ import annotations

import io
import signal
import tarfile
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from lectern import names
from lectern.builder.limits import program
from lectern.builder.repo2docker_run import app_for, run
from lectern.errors import BuildError, EngineError, SmokeTestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from docker.models.containers import Container
    from repo2docker.buildpacks.base import BuildPack

    from lectern.builder.buildpack import PlannedBuildPack
    from lectern.builder.limits import Limits
    from lectern.builder.progress import Listener

_UV_TOML = Path("/etc/uv/uv.toml")
_SMOKE_TEST_CPU_SHARES = 64
_SMOKE_TEST_S = 900
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)

# What a throw-away container is for: the value of its label.
_RUNS, _IS_READ = "run", "read"
_READING_S = 60


@dataclass(frozen=True)
class KeptImage:
    """An image of an environment."""

    tags: tuple[str, ...]  # name:tag
    labels: dict[str, str]
    size_bytes: int


class Engine:
    """The machine's Docker engine.

    Parameters
    ----------
    project : str
        Whose throw-away containers it makes, and clears away when an earlier builder was killed.

    Raises
    ------
    EngineError
        It does not answer.
    """

    def __init__(self, project: str) -> None:
        self._project = project
        try:
            self._client = docker.from_env(timeout=600)
            self._client.ping()
        except DockerException as problem:
            raise EngineError(
                f"does not answer ({problem})", where="Docker", hint="`make up` starts it"
            ) from problem

    def find_labels(self, image: str) -> dict[str, str] | None:
        """Give an image's labels, or None when there is no such image."""
        try:
            return dict(self._client.images.get(image).labels)
        except ImageNotFound:
            return None

    def images_of(self, project: str) -> list[KeptImage]:
        """List a project's environment images, those that lost their last tag among them."""
        found = self._client.images.list(filters={"label": [f"{names.PROJECT}={project}", names.ENVIRONMENT]})
        return [KeptImage(tuple(image.tags), dict(image.labels), int(image.attrs["Size"])) for image in found]

    def build(
        self,
        repo: Path,
        pack: type[PlannedBuildPack],
        *,
        tag: str,
        log: Path,
        limits: Limits,
        listener: Listener,
        netrc: Path | None = None,
    ) -> None:
        """Build an image with repo2docker, telling each step that ended.

        Parameters
        ----------
        netrc : Path, optional
            Tokens for private hosts, if there is such a file: steps that download read it.

        Raises
        ------
        BuildError
            A step failed or exceeded a limit; the hint has the log's path.
        """
        with _secrets(limits, netrc) as options:
            app = app_for(repo, pack, tag, options)
            app.base_image = pack.plan.base
            run(app, log, limits, listener)

    def build_stock(
        self,
        repo: Path,
        pack: type[BuildPack],
        *,
        tag: str,
        log: Path,
        limits: Limits,
        listener: Listener,
        is_anew: bool = False,
    ) -> None:
        """Build an image as repo2docker does by itself: no secret is there, and no step has a memory limit.

        Parameters
        ----------
        is_anew : bool
            Whether no step may come out of the cache.

        Raises
        ------
        BuildError
            A step failed, or the log has become too long; the hint has the log's path.
        """
        run(app_for(repo, pack, tag, ["--no-cache"] if is_anew else []), log, limits, listener)

    def smoke_test(
        self, image: str, command: list[str], *, memory_bytes: int, has_network: bool = False
    ) -> str:
        """Run a command in a throw-away container, fenced and limited like a participant's.

        Returns
        -------
        str
            What it printed.

        Raises
        ------
        SmokeTestError
            It ended with an error, or did not end; says what it printed.
        """
        try:
            make = partial(
                self._client.containers.create,
                image,
                command,
                network_mode="bridge" if has_network else "none",
                mem_limit=memory_bytes,
                memswap_limit=memory_bytes,
                pids_limit=512,
                cpu_shares=_SMOKE_TEST_CPU_SHARES,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                labels=self._labels(_RUNS),
            )
            with _thrown_away(make) as container:
                container.start()
                status = _wait(container)
                printed = container.logs(stdout=True, stderr=False).decode(errors="replace")
                complaints = container.logs(stdout=False, stderr=True).decode(errors="replace").strip()
        except APIError as problem:
            raise _refused(problem, image) from problem
        if status:
            ended = f"exit status {status}" if status > 0 else f"it did not end within {_SMOKE_TEST_S} s"
            raise SmokeTestError(
                f"the image does not work ({ended})\n{complaints}",
                where=image,
                hint="nothing was published",
            )
        return str(printed)

    def read_file(self, image: str, path: str) -> bytes:
        """Read a file out of an image, without running anything in it.

        Raises
        ------
        EngineError
            The image or the file is not there.
        """
        try:
            make = partial(self._client.containers.create, image, labels=self._labels(_IS_READ))
            with _thrown_away(make) as container:
                chunks, _ = container.get_archive(path)
                with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
                    file = archive.extractfile(archive.getmembers()[0])
                    return file.read() if file else b""
        except APIError as problem:
            raise _refused(problem, f"{image}:{path}") from problem

    def user_of(self, image: str) -> str:
        """Give whom an image's containers run as, as the image says it; empty for root."""
        return str(self._client.images.get(image).attrs["Config"]["User"])

    def extend(self, image: str, lines: str, files: Mapping[str, str], *, tag: str) -> None:
        """Put layers on an image.

        Parameters
        ----------
        lines : str
            What a Dockerfile says after its FROM.
        files : Mapping[str, str]
            What those copy, by name; anybody may read and run it.

        Raises
        ------
        BuildError
            The image does not bear it.
        """
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as archive:
            for name, text in {**files, "Dockerfile": f"FROM {image}\n{lines}"}.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(text.encode()), 0o755
                archive.addfile(member, io.BytesIO(text.encode()))
        context.seek(0)
        try:
            self._client.images.build(fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True)
        except (docker.errors.BuildError, APIError) as problem:
            raise BuildError(
                f"the image cannot be made a workspace ({problem})",
                where=image.rpartition(":")[0].rpartition("/")[2],
                hint="it needs a shell, as images of Debian and its like have",
            ) from problem

    def label(self, image: str, labels: Mapping[str, str], *, tag: str) -> None:
        """Give an image its record: a child that differs in labels only."""
        recipe = f"FROM {image}\n".encode()
        self._client.images.build(fileobj=io.BytesIO(recipe), tag=tag, labels=dict(labels), rm=True)

    def tag(self, image: str, tag: str) -> None:
        """Give an image one more name."""
        repository, _, last = tag.rpartition(":")
        self._client.images.get(image).tag(repository, last)

    def remove_tag(self, image: str) -> None:
        """Remove a tag, if it is there; the image goes when it was its last."""
        with suppress(ImageNotFound):
            self._client.images.remove(image, force=True, noprune=True)

    def remove_unused(self, image: str) -> bool:
        """Remove an image that no container runs on; say whether it went."""
        try:
            self._client.images.remove(image)
        except APIError:  # a participant's server was started from it
            return False
        return True

    def participants_of(self, project: str, environment: str) -> list[str]:
        """Give the participants whose containers run from an environment."""
        wanted = [f"{names.PROJECT}={project}", f"{names.ENVIRONMENT}={environment}", names.PARTICIPANT]
        found = self._client.containers.list(all=True, filters={"label": wanted})
        return sorted(str(container.labels[names.PARTICIPANT]) for container in found)

    def remove_environment(self, project: str, environment: str) -> None:
        """Remove all images of an environment."""
        wanted = [f"{names.PROJECT}={project}", f"{names.ENVIRONMENT}={environment}"]
        for image in self._client.images.list(filters={"label": wanted}):
            for tag in image.tags:
                self.remove_unused(tag)

    def remove_dangling(self) -> None:
        """Remove this project's images that have lost their last tag."""
        self._client.images.prune(filters={"dangling": True, "label": f"{names.PROJECT}={self._project}"})

    def labels_of_containers(self, project: str) -> list[dict[str, str]]:
        """Give the labels of a project's containers, running or not; an image's are among its container's."""
        found = self._client.api.containers(all=True, filters={"label": f"{names.PROJECT}={project}"})
        return [dict(container["Labels"]) for container in found]

    def subnets(self) -> list[str]:
        """Give where the engine's networks are, each with its gateway, which is the machine itself.

        Raises
        ------
        EngineError
            It does not answer.
        """
        try:
            listed = self._client.api.networks()
        except (DockerException, requests.RequestException) as problem:
            raise EngineError(
                f"does not tell its networks ({problem})", where="Docker", hint="try again in a minute"
            ) from problem
        places = [place for network in listed for place in (network.get("IPAM") or {}).get("Config") or ()]
        return [str(place[key]) for place in places for key in ("Subnet", "Gateway") if place.get(key)]

    def unused_cache_bytes(self) -> int:
        """Give what the cache of builds holds that no image needs; takes a second."""
        return sum(
            int(entry["Size"])
            for entry in self._client.df()["BuildCache"] or ()
            if not entry["InUse"] and not entry["Shared"]
        )

    def clear_leftovers(self) -> None:
        """Remove what a killed builder left behind: its throw-away containers, and images not yet proven.

        One build at a time runs in an installation: the caller has the turn, and these are nobody's.
        """
        wanted = [f"{names.PROJECT}={self._project}", names.TRIAL]
        trials = self._client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True)
        for container in trials:
            # Reading needs no turn: a new one may be somebody's.
            if container.labels[names.TRIAL] == _RUNS or _age_s(container) > _READING_S:
                with suppress(NotFound):
                    container.remove(force=True, v=True)
        unproven = f"{names.environment_image(self._project, '*')}:{names.UNPROVEN}*"
        for image in self._client.images.list(filters={"reference": unproven}):
            for tag in image.tags:
                if f":{names.UNPROVEN}" in tag:
                    self.remove_tag(tag)

    def _labels(self, purpose: str) -> dict[str, str]:
        return {names.PROJECT: self._project, names.TRIAL: purpose}


@contextmanager
def _thrown_away(make: Callable[[], Container]) -> Iterator[Container]:
    """Make a container for a block, and remove it at its end."""
    container = None
    try:
        with _undisturbed():
            container = make()
        yield container
    finally:
        if container:
            container.remove(force=True, v=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let an end that is asked for wait: the engine goes on with what it was told, and nobody knew of it."""
    # Python's handlers run in the main thread alone, whichever thread the system gave the signal to. A mask
    # would bind one thread only, and the client has more.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = {number: signal.signal(number, lambda sent, _: waiting.append(sent)) for number in _ENDS}
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
        for number in waiting[:1]:
            signal.raise_signal(number)


def _age_s(container: Container) -> float:
    # Nanoseconds are more than Python reads.
    created = datetime.fromisoformat(str(container.attrs["Created"])[:19]).replace(tzinfo=UTC)
    return (datetime.now(UTC) - created).total_seconds()


def _refused(problem: APIError, where: str) -> EngineError:
    return EngineError(
        str(problem.explanation or problem), where=where, hint="`make doctor` looks for what is wrong"
    )


def _wait(container: Container) -> int:
    """Give a container's exit status, or -1 when it goes on for too long."""
    try:
        return int(container.wait(timeout=_SMOKE_TEST_S)["StatusCode"])
    except (requests.ReadTimeout, requests.ConnectionError):
        # The engine sends its headers at once, so a late body is a ConnectionError to requests.
        return -1


@contextmanager
def _secrets(limits: Limits, netrc: Path | None) -> Iterator[list[str]]:
    """Give the client's options for what steps read that is no part of an image or of a cache's key."""
    with tempfile.TemporaryDirectory() as folder:
        bounded = Path(folder) / "bounded.py"
        bounded.write_text(program(limits), encoding="utf-8")
        sources = {"bounded": bounded, "uv": _UV_TOML, "netrc": netrc}
        yield [
            word
            for name, source in sources.items()
            if source and source.exists()
            for word in ("--secret", f"id={name},src={source}")
        ]
