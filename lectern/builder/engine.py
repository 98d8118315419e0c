"""Build, label, tag and try images: this area's only Docker caller."""

from __future__ import annotations

import io
import logging
import tarfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound
from repo2docker.app import Repo2Docker
from traitlets.config import Config

from lectern import names
from lectern.builder.step_times import StepTimes
from lectern.errors import BuildError, EngineError, SmokeTestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from docker.models.containers import Container

    from lectern.builder.buildpack import PlannedBuildPack

_UV_TOML = Path("/etc/uv/uv.toml")
_SMOKE_TEST_CPU_SHARES = 64
_SMOKE_TEST_S = 900
_TAIL_LINES = 20


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
        self._trial_labels = {names.PROJECT: project, names.TRIAL: ""}
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

    def images_of(self, project: str) -> list[tuple[list[str], dict[str, str]]]:
        """List tags and labels of a project's environment images."""
        found = self._client.images.list(filters={"label": [f"{names.PROJECT}={project}", names.ENVIRONMENT]})
        return [(list(image.tags), dict(image.labels)) for image in found]

    def build(
        self, repo: Path, pack: type[PlannedBuildPack], *, tag: str, log: Path, tell: Callable[[str], None]
    ) -> None:
        """Build an image with repo2docker, telling each step that ended.

        Raises
        ------
        BuildError
            A step failed; the hint has the log's path.
        """
        arguments = ["--secret", f"id=uv,src={_UV_TOML}"] if _UV_TOML.exists() else []
        # As a library: its command line would go on with the stock packs after an error in a config file.
        app = Repo2Docker(config=Config({"DockerEngine": {"extra_buildx_build_args": arguments}}))
        app.repo = str(repo)
        app.buildpacks = [pack]
        app.base_image = pack.plan.base
        app.output_image_spec = tag
        app.target_repo_dir = names.REPO
        app.user_id, app.user_name = 1000, "jovyan"
        app.run = app.push = False
        try:
            with _logged(app.log, log, tell):
                app.build()
        except (Exception, SystemExit) as problem:
            # repo2docker raises whatever its parts raise; all of it means: there is no image.
            raise BuildError(
                f"the image could not be built\n{_tail(log)}", where=repo.name, hint=f"the whole log is {log}"
            ) from problem

    def smoke_test(
        self, image: str, script: str, trial: str, *, memory_bytes: int, has_network: bool = False
    ) -> str:
        """Run a script in a throw-away container, fenced and limited like a participant's.

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
            container = self._client.containers.create(
                image,
                [f"{names.SERVER_PREFIX}/bin/python", "-c", script, trial],
                network_mode="bridge" if has_network else "none",
                mem_limit=memory_bytes,
                memswap_limit=memory_bytes,
                pids_limit=512,
                cpu_shares=_SMOKE_TEST_CPU_SHARES,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                labels=self._trial_labels,
            )
            try:
                container.start()
                status = _wait(container)
                printed = container.logs(stdout=True, stderr=False).decode(errors="replace")
                complaints = container.logs(stdout=False, stderr=True).decode(errors="replace").strip()
            finally:
                container.remove(force=True, v=True)
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
            container = self._client.containers.create(image, labels=self._trial_labels)
            try:
                chunks, _ = container.get_archive(path)
                with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
                    file = archive.extractfile(archive.getmembers()[0])
                    return file.read() if file else b""
            finally:
                container.remove(force=True, v=True)
        except APIError as problem:
            raise _refused(problem, f"{image}:{path}") from problem

    def label(self, image: str, labels: Mapping[str, str], *, tag: str) -> None:
        """Give an image its record: a child that differs in labels only."""
        recipe = f"FROM {image}\n".encode()
        self._client.images.build(fileobj=io.BytesIO(recipe), tag=tag, labels=dict(labels), rm=True)

    def publish(self, image: str, environment_repository: str) -> None:
        """Move the published tag; the one call that changes what new starts use."""
        self._client.images.get(image).tag(environment_repository, names.PUBLISHED)

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

    def remove_dangling(self) -> None:
        """Remove this project's images that have lost their last tag."""
        project = self._trial_labels[names.PROJECT]
        self._client.images.prune(filters={"dangling": True, "label": f"{names.PROJECT}={project}"})

    def used_bytes(self) -> int:
        """Give what all layers on this engine take."""
        return int(self._client.df()["LayersSize"])

    def remove_trials(self) -> None:
        """Remove throw-away containers that a killed builder left behind."""
        wanted = [f"{names.PROJECT}={self._trial_labels[names.PROJECT]}", names.TRIAL]
        for container in self._client.containers.list(all=True, filters={"label": wanted}):
            container.remove(force=True, v=True)

    def remove_tags(self, repository: str, prefix: str) -> None:
        """Remove the tags of a repository that begin with a prefix."""
        for image in self._client.images.list(repository):
            for tag in image.tags:
                if tag.startswith(f"{repository}:{prefix}"):
                    self.remove_tag(tag)


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


class _StepsTold(logging.Handler):
    """Tells each step of a build that ended."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell, self._times = tell, StepTimes()

    def emit(self, record: logging.LogRecord) -> None:
        if told := self._times.read(record.getMessage()):
            self._tell(told)


@contextmanager
def _logged(logger: Any, path: Path, tell: Callable[[str], None]) -> Iterator[None]:  # noqa: ANN401 - traitlets'
    """Send repo2docker's log to a file, and what it says of steps to a person."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    before = list(logger.handlers)
    logger.handlers, logger.propagate = [handler, _StepsTold(tell)], False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.handlers = before
        handler.close()


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    return "\n".join(lines[-_TAIL_LINES:])
