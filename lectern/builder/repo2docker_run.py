"""One run of repo2docker, as a library: its log kept and bounded, each step told."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from traitlets.config import Config

from lectern import names
from lectern.builder.buildx import BuildxApp
from lectern.builder.limits import excess
from lectern.builder.step_times import StepTimes, read_notice
from lectern.errors import BuildError, LecternError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from repo2docker.buildpacks.base import BuildPack

    from lectern.builder.limits import Limits
    from lectern.builder.progress import Listener

_TAIL_LINES = 20
#: A program of the repo's may say the same words without end.
_NOTICES = 10


def app_for(repo: Path, pack: type[BuildPack], tag: str, options: list[str]) -> BuildxApp:
    """Give repo2docker with one build pack alone.

    Its command line would go on with its stock packs after an error in its config file.

    Parameters
    ----------
    repo : Path
        What is built.
    pack : type[BuildPack]
        How.
    tag : str
        What the image is called.
    options : list[str]
        Further words for `docker buildx build`.
    """
    app = BuildxApp()
    app.repo = str(repo)
    app.buildpacks = [pack]
    app.output_image_spec = tag
    app.target_repo_dir = names.REPO
    app.user_id, app.user_name = 1000, "jovyan"
    app.run = app.push = False
    app.config = Config({"Buildx": {"extra_buildx_build_args": options}})
    return app


def run(app: BuildxApp, log: Path, limits: Limits, listener: Listener) -> None:
    """Build the image, telling each step that ended.

    Raises
    ------
    BuildError
        A step failed or exceeded a limit; the hint has the log's path.
    """
    try:
        with _logged(app.log, log, limits, listener):
            app.build()
    except LecternError:
        raise
    except (Exception, SystemExit) as problem:
        if exceeded := excess(log.read_text(encoding="utf-8")):
            exceeded.hint += f"; the whole log is {log}"
            raise exceeded from problem
        # repo2docker raises whatever its parts raise; all of it means: there is no image.
        raise BuildError(
            f"the image could not be built\n{_tail(log)}",
            where=app.output_image_spec.rpartition(":")[0].rpartition("/")[2],
            hint=f"the whole log is {log}",
        ) from problem


class _Overflow(logging.Handler):
    """Ends a build that says more than its log may hold."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._left = limits.log_bytes

    def emit(self, record: logging.LogRecord) -> None:
        self._left -= len(record.getMessage().encode())
        if self._left < 0:
            raise BuildError(
                "wrote more into its log than it may",
                where="the build",
                hint="let it say less, or ask who runs the machine to raise LECTERN_BUILD_LOG_MB",
            )


class _StepsTold(logging.Handler):
    """Tells each step of a build that ended, and the first notices of steps."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener, self._times, self._notices = listener, StepTimes(), _NOTICES

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if told := self._times.read(line):
            self._listener.step(told)
        elif self._notices and (said := read_notice(line)):
            self._notices -= 1
            self._listener.notice(said)


@contextmanager
def _logged(logger: Any, path: Path, limits: Limits, listener: Listener) -> Iterator[None]:  # noqa: ANN401 - traitlets'
    """Send repo2docker's log to a file, and what it says of steps to a person."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    before = list(logger.handlers)
    logger.handlers, logger.propagate = [_Overflow(limits), handler, _StepsTold(listener)], False
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
