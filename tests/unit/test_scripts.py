"""What all scripts share (scripts/_lib.sh), run in bash."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bash(tmp_path):
    """Give a way to run a script that has read _lib.sh, with a state folder of its own."""

    def start(script: str, **settings: str) -> subprocess.Popen:
        path = tmp_path / "script"
        path.write_text(f'source "{ROOT}/scripts/_lib.sh"\n{script}\n')
        return subprocess.Popen(
            ["bash", str(path)],
            env={"PATH": os.environ["PATH"], "LECTERN_STATE": str(tmp_path), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def ended(process: subprocess.Popen) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_a_step_that_works_is_told_in_one_line(bash):
    status, out, err = ended(bash("with_log 'the step' step.log echo loud"))

    assert status == 0
    assert out == ""
    assert re.fullmatch(r"==> the step: \d+ s\n", err)


def test_a_step_that_fails_shows_its_last_lines_and_names_the_log(bash, tmp_path):
    status, _, err = ended(bash("with_log 'the step' step.log bash -c 'seq 100; exit 3'"))

    assert status == 1
    assert "\n100\nerror: failed: the step\n" in err
    assert f"hint: the whole log is {tmp_path}/logs/step.log" in err
    assert "\n50\n" not in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("write /var/lib: no space left on device", "the disk is full"),
        ("E: Write error - write (28: No space left on device)", "the disk is full"),
        ("Temporary failure resolving 'mirror.example'", "a package mirror does not answer"),
        ("npm error code ENOTFOUND", "a package mirror does not answer"),
    ],
)
def test_a_known_cause_is_said_in_words(bash, line, said):
    _, _, err = ended(bash(f'with_log "the step" step.log bash -c "echo \\"{line}\\"; false"'))

    assert f"error: failed: the step: {said}" in err
    assert "goes on where it stopped" in err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_step_that_is_stopped_leaves_no_process_behind(bash, tmp_path, sent):
    mark = tmp_path / "children"
    step = f"bash -c 'sleep 300 & echo $! >{mark}; wait'"
    process = bash(f"with_log 'the step' step.log {step}")
    while not (mark.exists() and mark.read_text().strip()):
        time.sleep(0.05)

    process.send_signal(sent)
    status, _, err = ended(process)

    assert status == 1
    assert "error: stopped while: the step\nhint: the same command goes on where it stopped" in err
    child, end = Path(f"/proc/{mark.read_text().strip()}"), time.monotonic() + 10
    while child.exists() and time.monotonic() < end:  # it was killed; the kernel takes a moment
        time.sleep(0.05)
    assert not child.exists()


def test_a_setting_of_the_environment_wins_over_the_default(bash):
    assert ended(bash("setting LECTERN_X fallback", LECTERN_X="given"))[1] == "given"
    assert ended(bash("setting LECTERN_X fallback"))[1] == "fallback"


def test_who_has_no_root_is_told_so_by_the_status(bash):
    status, _, _ = ended(bash("id() { echo 1000; }; sudo() { return 1; }; as_root true </dev/null"))

    assert status == 126


@pytest.mark.parametrize(
    ("files", "uv", "pip", "npm"),
    [
        ({}, "", "", ""),
        (
            {".npmrc": "registry = https://n.example/\n//n.example/:_authToken=t\n"},
            "", "", "registry=https://n.example/\n//n.example/:_authToken=t\n",
        ),
        (
            {".config/pip/pip.conf": "[global]\nindex-url = https://p.example/simple\n"},
            '[[index]]\nurl = "https://p.example/simple"\ndefault = true\n',
            "[global]\nindex-url = https://p.example/simple\n", "",
        ),
    ],
    ids=["no-client-is-configured", "npm", "pip"],
)  # fmt: skip
def test_package_mirrors_are_those_of_the_machines_clients(tmp_path, files, uv, pip, npm):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    done = subprocess.run(
        [ROOT / "scripts/client-config"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LECTERN_STATE": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    written = {name: (tmp_path / "state/clients" / name) for name in ("uv.toml", "pip.conf", "npmrc")}
    assert {name: path.read_text() for name, path in written.items()} == {
        "uv.toml": uv, "pip.conf": pip, "npmrc": npm,
    }  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in written.values()} == {0o600}


def test_the_privacy_notice_is_copied_to_where_the_hub_reads_it_and_goes_with_its_file(bash, tmp_path):
    notice, copy = tmp_path / "privacy.md", tmp_path / "notice/privacy.md"
    for text in ("one", "two"):
        notice.write_text(text)
        assert ended(bash("write_settings"))[0] == 0
        assert copy.read_text() == text

    notice.unlink()

    assert ended(bash("write_settings"))[0] == 0
    assert list(copy.parent.iterdir()) == []
