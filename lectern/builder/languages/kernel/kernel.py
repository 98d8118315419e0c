"""The kernel as Jupyter sees it: messages in, messages out."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ipykernel.kernelbase import Kernel

from .child import Guard
from .running import Failure, make_runner
from .screen import Screen
from .syntax import is_complete

if TYPE_CHECKING:
    from .recipe import Recipe


class LanguageKernel(Kernel):
    """Runs the cells of the language whose recipe it was given."""

    recipe: ClassVar[Recipe]
    implementation = "lectern"
    implementation_version = "1"

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets' own
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        recipe = self.recipe
        self.banner = f"{recipe.name} in Lectern's kernel"
        self.language_info = {
            "name": recipe.language,
            "mimetype": recipe.mimetype,
            "file_extension": recipe.extension,
            "codemirror_mode": recipe.codemirror,
            "pygments_lexer": recipe.pygments,
        }
        self._interrupts = 0
        # Before any program starts: it would inherit that ipykernel ignores the signal between cells.
        signal.signal(signal.SIGINT, self._count_interrupt)
        self._work = Path(tempfile.mkdtemp(prefix="lectern-"))
        self._guard = Guard(self._work)
        self._runner = make_runner(recipe, self._work, self._guard)
        self._runner.prepare()

    # ipykernel would raise KeyboardInterrupt at any line of ours; `_count_interrupt` counts instead.
    def pre_handler_hook(self) -> None:
        """Leave SIGINT as it is."""

    def post_handler_hook(self) -> None:
        """Leave SIGINT as it is."""

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,  # noqa: ARG002
        user_expressions: dict[str, str] | None = None,  # noqa: ARG002
        allow_stdin: bool = False,
        *,
        cell_meta: dict[str, Any] | None = None,  # noqa: ARG002
        cell_id: str | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Run a cell."""
        self._allow_stdin = allow_stdin

        def send(kind: str, content: dict[str, Any]) -> None:
            if not silent:
                self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

        done = {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
        }
        if not code.strip():
            return done
        screen = Screen(send, hidden=f"{self._work}/")
        self._interrupts = 0
        try:
            failure = self._runner.run(code, screen, self)
        except OSError as problem:
            failure = Failure(type(problem).__name__, str(problem))
        screen.show_pictures(self._work / "pictures")
        if failure is None:
            return done
        trace = failure.trace.replace(f"{self._work}/", "").splitlines()
        headline = f"{failure.name}: {failure.message}"
        content = {"ename": failure.name, "evalue": failure.message, "traceback": [headline, *trace]}
        send("error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    def wants_to_interrupt(self) -> bool:
        """Say, once for each time, that the cell is to be stopped."""
        wanted, self._interrupts = self._interrupts > 0, 0
        return wanted

    def answer(self) -> str | None:
        """Ask the participant for a line; None when nobody can be asked.

        Raises
        ------
        KeyboardInterrupt
            The cell was interrupted instead.
        """
        if not self._allow_stdin:
            return None
        counting = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return str(self.raw_input(""))  # type: ignore[no-untyped-call]
        except EOFError:
            return None
        finally:
            signal.signal(signal.SIGINT, counting)

    async def do_is_complete(self, code: str) -> dict[str, str]:
        """Say whether a cell can be run as it is."""
        if is_complete(code, self.recipe.syntax):
            return {"status": "complete"}
        return {"status": "incomplete", "indent": ""}

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """End all programs: by the guard, as this runs beside the cell that may be under way."""
        self._guard.dismiss()
        return {"status": "ok", "restart": restart}

    def _count_interrupt(self, *_: object) -> None:
        self._interrupts += 1
