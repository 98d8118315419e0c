"""The kernel runs real interpreters, through Jupyter's own client."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop

from lectern.builder.languages.kernel import screen

LANGUAGES = Path(__file__).resolve().parents[2] / "lectern/builder/languages"

# jupyter_client leaves sockets and an event loop to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

#: A language made for the tests: Python in mode `run`, compiled by a copy.
PYTHON_RUN = f"""
name = "Python, run"
extension = ".py"
mimetype = "text/x-python"
codemirror = "python"
pygments = "python"
[kernel]
mode = "run"
compile = ["{sys.executable}", "-m", "py_compile", "{{source}}"]
start = ["{sys.executable}", "{{source}}"]
"""

#: Starts a kernel and waits for its end, as a server does.
SERVER = """
import subprocess, sys
kernel = subprocess.Popen(sys.argv[1:])
print(kernel.pid, flush=True)
kernel.wait()
"""


class Kernel:
    """One kernel, over sockets that are files: unit tests have no network."""

    def __init__(self, key, folder):
        self.manager = KernelManager(transport="ipc", connection_file=str(folder / "kernel.json"))
        argv = [sys.executable, "-Es", str(folder / "languages"), key, "-f", "{connection_file}"]
        self.manager._kernel_spec = KernelSpec(argv=argv, language=key, display_name=key)  # noqa: SLF001
        self.manager.start_kernel(cwd=str(folder), env=os.environ | {"TMPDIR": str(folder / "tmp")})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code, *, interrupt_when="", answer=None):
        """Run a cell; give the reply and all messages as (seconds, type, content)."""
        shown = []
        began = time.monotonic()

        def keep(message):
            kind, content = message["msg_type"], message["content"]
            if kind in {"stream", "error", "display_data"}:
                shown.append((time.monotonic() - began, kind, content))
            if interrupt_when and interrupt_when in content.get("text", ""):
                threading.Timer(0.1, self.manager.interrupt_kernel).start()

        reply = self.client.execute_interactive(
            code,
            timeout=60,
            output_hook=keep,
            allow_stdin=answer is not None,
            stdin_hook=lambda _: self.client.input(answer),
        )
        return reply["content"], shown

    def text(self, code, **more):
        """Run a cell; give what it printed on both streams."""
        return text_of(self.run(code, **more)[1])

    def pid(self):
        return self.manager.provisioner.process.pid

    def close(self, *, now=False):
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=now)


def text_of(shown):
    return "".join(content["text"] for _, kind, content in shown if kind == "stream")


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Give a function that starts a language's kernel; all end with the module."""
    kernels = []

    def begin(key):
        folder = tmp_path_factory.mktemp("k")
        (folder / "tmp").mkdir()
        (folder / "languages").mkdir()
        for path in LANGUAGES.iterdir():
            if path.name != "__pycache__":
                (folder / "languages" / path.name).symlink_to(path)
        (folder / "languages" / "python-run.toml").write_text(PYTHON_RUN)
        kernels.append(Kernel(key, folder))
        kernels[-1].folder = folder
        return kernels[-1]

    yield begin
    for kernel in kernels:
        kernel.close()
    ensure_event_loop().close()
    gc.collect()  # what jupyter_client leaves open is found here, where it is ignored


@pytest.fixture(scope="module")
def bash(start):
    return start("bash")


@pytest.fixture(scope="module")
def perl(start):
    return start("perl")


@pytest.fixture(scope="module")
def program(start):
    return start("python-run")


def gone(pid):
    """Say whether a process has ended; one that waits to be reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def until(claim, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("language", ["bash", "perl"])
def test_a_cell_sees_what_an_earlier_one_defined(request, language):
    kernel = request.getfixturevalue(language)
    code = {"bash": ("x=41", "echo $((x + 1))"), "perl": ("$x = 41;", "print $x + 1;")}[language]
    kernel.run(code[0])

    assert kernel.text(code[1]).strip() == "42"


def test_output_comes_as_it_is_printed(bash):
    _, shown = bash.run("echo one; sleep 1; echo two")

    first, second = [at for at, kind, _ in shown if kind == "stream"]
    assert second - first > 0.5


def test_the_streams_keep_their_order_and_their_names(bash):
    _, shown = bash.run("echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three")

    assert [(content["name"], content["text"]) for _, _, content in shown] == [
        ("stdout", "one\n"),
        ("stderr", "two\n"),
        ("stdout", "three\n"),
    ]


def test_letters_are_whole_however_the_output_is_cut(bash):
    assert bash.text(r"printf '\xc3'; sleep 0.2; printf '\xa9\n'") == "é\n"


def test_an_error_has_name_message_and_trace(perl):
    reply, shown = perl.run("die 'no luck';")

    assert (reply["status"], reply["ename"]) == ("error", "Error")
    assert reply["evalue"].startswith("no luck")
    assert shown[-1][1] == "error"
    assert shown[-1][2]["traceback"][0].startswith("Error: no luck")


def test_a_command_that_fails_fails_the_cell(bash):
    reply, _ = bash.run("ls /no/such/folder")

    assert (reply["ename"], reply["evalue"]) == ("ExitStatus", "exit status 2")


@pytest.mark.parametrize("code", ["echo go; while true; do :; done", "echo go; sleep 60; echo no"])
def test_an_interrupt_ends_the_cell_and_not_its_variables(bash, code):
    bash.run("kept=yes")

    reply, shown = bash.run(code, interrupt_when="go")

    assert (reply["status"], reply["ename"]) == ("error", "Interrupted")
    assert "no" not in text_of(shown)
    assert bash.text("echo $kept") == "yes\n"


def test_a_program_that_ignores_interrupts_is_killed_and_that_is_said(bash):
    reply, _ = bash.run("trap '' INT; echo go; while true; do :; done", interrupt_when="go")

    assert reply["ename"] == "Interrupted"
    assert "without its variables" in reply["evalue"]
    assert bash.text("echo again") == "again\n"


def test_an_interpreter_that_ends_is_started_anew_and_that_is_said(bash):
    bash.run("lost=1")

    reply, _ = bash.run("exit 3")

    assert reply["ename"] == "Ended"
    assert "exit status 3" in reply["evalue"]
    assert bash.text("echo [$lost]") == "[]\n"


def test_an_interpreter_that_died_between_cells_is_started_anew_and_that_is_said(bash):
    pid = int(bash.text("echo $$"))
    os.kill(pid, signal.SIGKILL)
    until(lambda: gone(pid))

    assert (
        bash.text("echo again") == "[Bash had ended; this is a new one, without earlier variables]\nagain\n"
    )


def test_many_interrupts_at_once_do_not_confuse_later_cells(bash):
    for number in range(3):
        bash.run("echo go; sleep 60", interrupt_when="go")

        assert bash.text(f"echo {number}") == f"{number}\n"


def test_an_interpreter_that_is_killed_says_by_what(bash):
    reply, _ = bash.run("kill -KILL $$")

    assert "SIGKILL" in reply["evalue"]


def test_a_program_that_reads_is_answered_by_the_participant(bash):
    assert bash.text("printf 'name? '; read name; echo hello $name", answer="Ada") == "name? hello Ada\n"


def test_a_program_below_the_interpreter_is_answered_too(bash):
    assert bash.text("head -n 1", answer="line") == "line\n"


def test_a_read_that_nobody_can_answer_is_an_error(bash):
    bash.run("kept=yes")

    reply, _ = bash.run("read name")

    assert reply["ename"] == "NoInput"
    assert bash.text("echo $kept") == "yes\n"


def test_output_without_end_is_cut_and_that_is_said(bash):
    _, shown = bash.run("yes | head -c 5000000")

    text = text_of(shown)
    assert len(text) < screen.MAX_CHARACTERS + 200
    assert text.endswith("characters]\n")
    assert len(shown) < 200


def test_a_picture_in_the_cells_folder_is_shown_once(bash):
    _, shown = bash.run("echo '<svg/>' >$PICTURES/plot.svg")
    _, later = bash.run("true")

    assert [(kind, content["data"]["image/svg+xml"]) for _, kind, content in shown] == [
        ("display_data", "<svg/>\n")
    ]
    assert later == []


def test_a_syntax_error_does_not_end_the_interpreter(bash):
    bash.run("kept=yes")

    assert bash.run("for")[0]["status"] == "error"
    assert bash.text("echo $kept") == "yes\n"


def test_what_goes_on_after_its_cell_can_still_be_read(bash):
    bash.run("(sleep 0.3; echo late) &")

    assert bash.text("sleep 0.6") == "late\n"


def test_the_mark_is_not_in_a_cells_environment(bash):
    assert "LECTERN_MARK" not in bash.text("env")


def test_each_cell_of_a_compiled_language_is_a_program_of_its_own(program):
    assert program.text("x = 42\nprint(x)") == "42\n"
    assert "NameError" in program.text("print(x)")


def test_what_a_compiler_refuses_is_its_report(program):
    reply, _ = program.run("def")

    assert reply["ename"] == "CompileError"
    assert "SyntaxError" in "\n".join(reply["traceback"])


def test_a_programs_exit_status_is_the_cells(program):
    reply, _ = program.run("raise SystemExit(4)")

    assert (reply["ename"], reply["evalue"].split(" ", 1)[1]) == ("ExitStatus", "ended with exit status 4")


def test_a_program_can_be_interrupted_and_asked(program):
    reply, _ = program.run("print('go', flush=True)\nwhile True: pass", interrupt_when="go")

    assert reply["ename"] == "Interrupted"
    assert program.text("print(input() * 2)", answer="ab") == "abab\n"


def test_messages_name_the_cell_and_not_the_kernels_folder(program):
    assert 'File "cell.py", line 1' in program.text("1 / 0")


def test_a_cell_that_goes_on_is_incomplete(bash):
    bash.client.is_complete("for x in 1 2; do")
    reply = bash.client.get_shell_msg(timeout=30)["content"]

    assert reply["status"] == "incomplete"


def test_a_language_that_is_not_installed_says_so(start):
    kernel = start("ruby")

    reply, _ = kernel.run("puts 1")

    assert reply["ename"] == "NotStarted"
    assert "/usr/bin/ruby" in "\n".join(reply["traceback"])


@pytest.mark.parametrize("now", [False, True], ids=["asked", "killed"])
def test_nothing_is_left_when_the_kernel_is_gone(start, now):
    kernel = start("bash")
    kernel.run("sleep 1000 &")
    shell, sleeper = kernel.text("echo $$ $!").split()

    kernel.close(now=now)

    until(lambda: gone(shell) and gone(sleeper))
    until(lambda: not list((kernel.folder / "tmp").glob("lectern-*")))


def test_a_kernel_ends_with_the_server_that_started_it(start, tmp_path):
    folder = start("bash").folder
    connection, _ = write_connection_file(
        str(tmp_path / "kernel.json"), transport="ipc", ip=str(tmp_path / "s")
    )
    command = [sys.executable, "-Es", str(folder / "languages"), "bash", "-f", connection]
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, *command],
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as server:
        kernel = int(server.stdout.readline())
        until(lambda: list(tmp_path.glob("lectern-*")))
        server.kill()

    until(lambda: gone(kernel))
    until(lambda: not list(tmp_path.glob("lectern-*")))


def test_cells_that_wait_behind_one_that_fails_are_not_run(bash):
    bash.client.execute("sleep 0.5; false; for")
    waiting = bash.client.execute("echo ran >ran")

    replies = {}
    while waiting not in replies:
        reply = bash.client.get_shell_msg(timeout=60)
        replies[reply["parent_header"]["msg_id"]] = reply["content"]["status"]

    assert replies[waiting] == "aborted"
    assert not (bash.folder / "ran").exists()
