"""Run cells: in an interpreter that goes on from cell to cell, or each as a program of its own."""

from __future__ import annotations

import re
import secrets
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .child import Child
from .failure import Failure, how_it_ended, no_input
from .marks import ASKS, ERROR, READY, Marks
from .syntax import make_program, terminate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .child import Guard
    from .participant import Participant
    from .recipe import Recipe
    from .screen import Screen

_LOOK_EVERY_S = 0.05
#: A program that has not obeyed an interrupt for so long is killed.
_GRACE_S = 3.0
#: Seen waiting for input so many times in a row, a program does wait.
_SURE = 2
_REPORT_CHARACTERS = 20_000
_SETTLE_S = 0.1


@dataclass
class _Watch:
    """What has happened to one cell's program from outside."""

    interrupted_at: float | None = None
    is_refused: bool = False
    seen_waiting: int = 0


class Runner:
    """Runs the cells of one language.

    Parameters
    ----------
    recipe : Recipe
        How.
    work : Path
        Folder for the cells' files; `pictures` in it is shown after each cell.
    guard : Guard
        Ends them when the kernel is gone.
    """

    def __init__(self, recipe: Recipe, work: Path, guard: Guard) -> None:
        self._recipe = recipe
        self._work = work
        self._folder = Path.cwd()
        self._pictures = work / "pictures"
        self._pictures.mkdir(exist_ok=True)
        self._variables = {"PICTURES": str(self._pictures), **recipe.environment}
        self._guard = guard
        self._child: Child | None = None

    def prepare(self) -> None:
        """Start what takes a while, without waiting for it."""

    def run(self, code: str, screen: Screen, participant: Participant) -> Failure | None:
        """Run a cell; give why it failed, or None."""
        raise NotImplementedError

    def close(self) -> None:
        """End all programs."""
        child, self._child = self._child, None
        if child:
            child.close()

    def _start(self, command: Sequence[str], folder: Path) -> Child:
        words = [self._fill(word) for word in command]
        self._child = Child(words, self._variables, self._guard, folder)
        return self._child

    def _fill(self, text: str, **more: str) -> str:
        known = {
            "here": self._recipe.here,
            "work": str(self._work),
            "folder": str(self._folder),
            "source": str(self._source),
            **more,
        }
        return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), text)

    @property
    def _source(self) -> Path:
        return self._work / f"cell{self._recipe.extension}"

    def _attend(
        self,
        child: Child,
        screen: Screen,
        participant: Participant,
        take: Callable[[str, bytes], bool],
        watch: _Watch,
    ) -> bool:
        """Serve a program until `take` says that the cell is done (True) or the program has ended (False)."""
        while True:
            printed = child.read(_LOOK_EVERY_S)
            is_done = _take_all(printed, take)
            has_ended = not printed and child.end() is not None
            if is_done or has_ended:
                while more := child.read(0):
                    _take_all(more, take)
                screen.flush()
                return is_done
            screen.flush_if_due()
            self._look_after(child, screen, participant, watch, is_quiet=not printed)

    def _look_after(
        self, child: Child, screen: Screen, participant: Participant, watch: _Watch, *, is_quiet: bool
    ) -> None:
        is_waiting = is_quiet and self._is_waiting(child)
        watch.seen_waiting = watch.seen_waiting + 1 if is_waiting else 0
        if watch.seen_waiting >= _SURE:
            watch.seen_waiting = 0
            if watch.interrupted_at is None:
                screen.flush()
                self._ask(child, participant, watch)
            else:
                # The signal came when the interpreter was about to read, and it read on.
                child.send_signal(self._recipe.interrupt)
        if participant.wants_to_interrupt():
            self._interrupt(child, watch)
        if watch.interrupted_at is not None and time.monotonic() - watch.interrupted_at > _GRACE_S:
            child.send_signal(signal.SIGKILL)

    def _is_waiting(self, child: Child) -> bool:
        """Say whether a cell reads what nobody has sent."""
        return child.is_waiting_for_input()

    def _ask(self, child: Child, participant: Participant, watch: _Watch) -> None:
        """Have the participant asked for what the cell waits for."""
        try:
            answer = participant.answer()
        except KeyboardInterrupt:
            self._interrupt(child, watch)
            return
        watch.is_refused = answer is None
        if answer is None:
            self._refuse(child, watch)
        else:
            child.write(f"{answer}\n")

    def _refuse(self, child: Child, watch: _Watch) -> None:
        """End a cell that asks where nobody can answer."""
        self._interrupt(child, watch)

    def _interrupt(self, child: Child, watch: _Watch) -> None:
        child.send_signal(self._recipe.interrupt)
        if watch.interrupted_at is None:
            watch.interrupted_at = time.monotonic()


class Interpreter(Runner):
    """Modes `loop` and `stdin`: one program runs all cells, and keeps what they define."""

    def __init__(self, recipe: Recipe, work: Path, guard: Guard) -> None:
        super().__init__(recipe, work, guard)
        self._mark = f"lectern-{secrets.token_hex(8)}-"
        self._variables["LECTERN_MARK"] = self._mark
        self._marks = Marks(self._mark)
        self._is_ready = False
        self._report = ""
        self._is_reporting = False
        self._is_asking = False
        self._said: dict[str, str] = {}
        self._error = re.compile(recipe.error, re.MULTILINE) if recipe.error else None

    def prepare(self) -> None:
        """Start the interpreter, without waiting until it is ready."""
        self._begin()

    def _begin(self) -> Child:
        self._marks, self._is_ready = Marks(self._mark), False
        child = self._start(self._recipe.start, self._folder)
        self._ask_for_mark(child)
        return child

    def run(self, code: str, screen: Screen, participant: Participant) -> Failure | None:
        """Run a cell; give why it failed, or None."""
        child = self._child or self._begin()
        if self._is_ready and child.end() is not None:
            self.close()
            told = f"[{self._recipe.name} had ended; this is a new one, without earlier variables]\n"
            screen.show("stderr", told.encode())
            child = self._begin()
        if not self._is_ready and (failure := self._await_ready(child, participant)):
            return failure
        watch = _Watch()
        self._report, self._is_reporting, self._is_asking, self._said = "", False, False, {}
        self._source.write_text(f"{code}\n", encoding="utf-8")
        typed = terminate(code, self._recipe.syntax) if self._recipe.mode == "stdin" else code
        child.write(self._fill(self._recipe.send, path=str(self._source), code=typed))
        if self._recipe.mode == "stdin":
            self._ask_for_mark(child)

        def take(name: str, chunk: bytes) -> bool:
            return self._take(name, chunk, screen.show)

        if self._attend(child, screen, participant, take, watch):
            if watch.interrupted_at is not None:
                self._settle(child, screen)
            return self._failure(watch)
        return self._ended(screen, watch)

    def _interrupt(self, child: Child, watch: _Watch) -> None:
        super()._interrupt(child, watch)
        if self._recipe.mode == "loop":
            self._ask_for_mark(child)  # back at its prompt, an interpreter has left the loop's function

    def _is_waiting(self, child: Child) -> bool:
        return self._is_asking if self._recipe.asks else super()._is_waiting(child)

    def _ask(self, child: Child, participant: Participant, watch: _Watch) -> None:
        self._is_asking = False
        super()._ask(child, participant, watch)

    def _settle(self, child: Child, screen: Screen) -> None:
        """Let a signal pass that came when the cell was done: it may make the interpreter ready once more."""
        while printed := child.read(_SETTLE_S):
            _take_all(printed, lambda name, chunk: self._take(name, chunk, screen.show))
        screen.flush()

    def _ask_for_mark(self, child: Child) -> None:
        if self._recipe.ready:
            child.write(f"{self._fill(self._recipe.ready, mark=self._mark)}\n")

    def _await_ready(self, child: Child, participant: Participant) -> Failure | None:
        """Wait for a starting interpreter; what it prints meanwhile is its greeting."""
        greeting = []
        until = time.monotonic() + self._recipe.start_s
        while not self._is_ready:
            for name, chunk in child.read(_LOOK_EVERY_S):
                self._is_ready |= self._take(name, chunk, lambda _, text: greeting.append(text))
            if self._is_ready:
                break
            if participant.wants_to_interrupt():
                self.close()
                return Failure("Interrupted", "stopped before the first cell began")
            has_ended = child.end() is not None
            if has_ended or time.monotonic() > until:
                why = (
                    "ended at its start"
                    if has_ended
                    else f"was not ready within {self._recipe.start_s:.0f} s"
                )
                self.close()
                said = b"".join(greeting).decode(errors="replace")
                return Failure("NotStarted", f"{self._recipe.name} {why}", said[-_REPORT_CHARACTERS:])
        return None

    def _take(self, name: str, chunk: bytes, show: Callable[[str, bytes], None]) -> bool:
        if name == "stderr":
            self._look_for_error(name, chunk)
            show(name, chunk)
            return False
        is_done = False
        for part in self._marks.feed(chunk):
            if part == READY:
                is_done = True
            elif part == ERROR:
                self._is_reporting = True
            elif part == ASKS:
                self._is_asking = True
            elif isinstance(part, bytes) and self._is_reporting:
                self._report += part.decode(errors="replace")
            elif isinstance(part, bytes):
                self._look_for_error(name, part)
                show(name, part)
        return is_done

    def _look_for_error(self, name: str, chunk: bytes) -> None:
        """Look at what was printed so far: it may come letter by letter."""
        if not self._error or self._report:
            return
        self._said[name] = (self._said.get(name, "") + chunk.decode(errors="replace"))[-_REPORT_CHARACTERS:]
        if found := self._error.search(self._said[name]):
            self._report = f"Error\n{found[0].strip()}"

    def _failure(self, watch: _Watch) -> Failure | None:
        if watch.is_refused:
            return no_input()
        if watch.interrupted_at is not None:
            return Failure("Interrupted", "the cell was stopped; variables are as it left them")
        if not (self._is_reporting or self._report):
            return None
        name, _, text = self._report[:_REPORT_CHARACTERS].partition("\n")
        message, _, trace = text.strip().partition("\n")
        return Failure(name.strip() or "Error", message, trace)

    def _ended(self, screen: Screen, watch: _Watch) -> Failure:
        screen.show("stdout", self._marks.rest())
        screen.flush()
        status = self._child.close() if self._child else 0
        self._child = None
        lost = "a new one starts with the next cell, without its variables"
        if watch.is_refused:
            return no_input()
        if watch.interrupted_at is not None:
            return Failure("Interrupted", f"{self._recipe.name} ended when the cell was stopped; {lost}")
        return Failure("Ended", f"{self._recipe.name} {how_it_ended(status)}; {lost}", self._report)


class Programs(Runner):
    """Mode `run`: each cell is compiled and run on its own."""

    def run(self, code: str, screen: Screen, participant: Participant) -> Failure | None:
        """Run a cell; give why it failed, or None."""
        recipe = self._recipe
        program = make_program(code, recipe.wrapping, recipe.syntax) if recipe.wrapping else code
        self._source.write_text(f"{program}\n", encoding="utf-8")
        # Where a wrapped program says to the compiler that its lines come from.
        (self._work / "cell").write_text(f"{code}\n", encoding="utf-8")
        if recipe.compile and (failure := self._compile(recipe.compile, screen, participant)):
            return failure
        watch = _Watch()

        def take(name: str, chunk: bytes) -> bool:
            screen.show(name, chunk)
            return False

        status = self._run_to_end(self._start(recipe.start, self._folder), screen, participant, take, watch)
        return _program_failure(watch, status, self._fill(recipe.start[0]))

    def _refuse(self, child: Child, watch: _Watch) -> None:
        """End the program's input: it ends by itself, or is killed as after an interrupt."""
        child.end_input()
        watch.interrupted_at = time.monotonic()

    def _compile(self, command: Sequence[str], screen: Screen, participant: Participant) -> Failure | None:
        watch = _Watch()
        said: list[bytes] = []

        def take(_: str, chunk: bytes) -> bool:
            said.append(chunk)
            return False

        status = self._run_to_end(self._start(command, self._work), screen, participant, take, watch)
        failure = _program_failure(watch, status, command[0])
        if failure is None or watch.interrupted_at is not None:
            for chunk in said:
                screen.show("stderr", chunk)
            screen.flush()
            return failure
        report = b"".join(said).decode(errors="replace").strip()[-_REPORT_CHARACTERS:]
        return Failure("CompileError", failure.message, report)

    def _run_to_end(
        self,
        child: Child,
        screen: Screen,
        participant: Participant,
        take: Callable[[str, bytes], bool],
        watch: _Watch,
    ) -> int:
        self._attend(child, screen, participant, take, watch)
        self._child = None
        return child.close()


def make_runner(recipe: Recipe, work: Path, guard: Guard) -> Runner:
    """Give the runner of a language's mode."""
    kind = Programs if recipe.mode == "run" else Interpreter
    return kind(recipe, work, guard)


def _take_all(printed: list[tuple[str, bytes]], take: Callable[[str, bytes], bool]) -> bool:
    # Errors before output: the mark that ends a cell must not overtake what the cell complained about.
    return sum(take(name, chunk) for name, chunk in sorted(printed)) > 0


def _program_failure(watch: _Watch, status: int, program: str) -> Failure | None:
    if watch.is_refused:
        return no_input()
    if watch.interrupted_at is not None:
        return Failure("Interrupted", "the cell was stopped")
    if status == 0:
        return None
    return Failure("ExitStatus", f"{Path(program).name} {how_it_ended(status)}")
