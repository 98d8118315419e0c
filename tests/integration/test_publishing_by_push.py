"""An instructor publishes with a stock git client; participants have it."""

import json
import os
import secrets
import signal

import pytest

from tests.support.instructor import Instructor
from tests.support.participant import CellResult, Participant
from tests.support.stack import wait_until

ENVIRONMENT = "by-push"


@pytest.fixture(scope="module")
def admin(stack):
    """Give an environment of this module's own, published once."""
    stack.script("lectern", "env", "create", ENVIRONMENT, "--from", "minimal-python")
    return ("admin", stack.admin_password)


@pytest.fixture
def ada(stack, admin, tmp_path):
    return Instructor(stack.url, *admin, tmp_path)


@pytest.fixture
def clone(ada):
    return ada.clone(ENVIRONMENT)


@pytest.fixture
def comes(stack):
    """Give a way to let somebody come into a course with this environment, and start."""
    made = stack.script("lectern", "course", "create", "by-push", "--environment", ENVIRONMENT, "--json")
    came = []

    def come():
        name, password = f"ada-{secrets.token_hex(3)}", f"pass {secrets.token_hex(6)}"
        came.append(Participant(stack.url, name, password))
        came[-1].join(json.loads(made)["code"])
        came[-1].start()
        return came[-1]

    yield come
    for person in came:
        person.stop()
        person.close()
    stack.script("lectern", "course", "delete", "by-push", "--yes")


def published(stack):
    return next(
        entry for entry in stack.environments() if entry["name"] == ENVIRONMENT and entry["published"]
    )


def test_an_added_package_is_published_and_its_log_is_seen_in_the_push(stack, clone):
    clone.append("requirements.txt", "cowsay\n")

    pushed = clone.commit_and_push("main")

    assert pushed.returncode == 0, pushed.stderr
    said = pushed.stderr
    assert "remote: Lectern: by-push, pushed by admin" in said
    assert "+ cowsay" in said
    release = published(stack)
    assert release["commit"] == clone.git("rev-parse", "HEAD").stdout.strip()
    assert (release["published_by"], release["ref"]) == ("admin", "main")
    assert f"identity {release['identity'][:12]}" in said


def test_whoever_starts_after_a_push_has_the_package_and_after_a_rollback_has_not(stack, clone, comes):
    before, early = published(stack), comes()
    clone.append("requirements.txt", "xmltodict\n")
    assert clone.commit_and_push("main").returncode == 0
    pushed = published(stack)

    later = comes()
    stack.script("lectern", "env", "rollback", ENVIRONMENT)
    last = comes()

    imports = "import xmltodict; print('there')"
    assert published(stack)["commit"] == before["commit"]
    assert later.run(imports) == CellResult(text="there\n")
    for person in (early, last):
        assert "No module named 'xmltodict'" in person.run(imports).error
    stack.script("lectern", "env", "publish", f"{ENVIRONMENT}:{pushed['commit']}")


def test_a_typo_is_refused_by_file_and_line_and_changes_nothing(stack, clone):
    before = published(stack)
    clone.append("requirements.txt", "pandsa\n")

    pushed = clone.commit_and_push("main")

    line = clone.path("requirements.txt").read_text().count("\n")
    assert pushed.returncode != 0
    assert f"error: requirements.txt:{line}: " in pushed.stderr
    assert "did you mean `pandas`?" in pushed.stderr
    assert "nothing was published" in pushed.stderr
    assert published(stack) == before
    assert clone.remote_refs()["refs/heads/main"] == before["commit"]


def test_a_branch_is_a_preview_and_a_tag_is_no_build(stack, clone):
    before = published(stack)
    clone.append("README.md", "A trial.\n")

    pushed = clone.commit_and_push("trial")

    assert pushed.returncode == 0, pushed.stderr
    assert "preview of by-push" in pushed.stderr
    assert "/preview?environment=by-push&release=" in pushed.stderr
    assert published(stack) == before
    clone.git("tag", "v1")
    assert "building" not in clone.git("push", "origin", "v1").stderr
    assert {"refs/heads/trial", "refs/tags/v1"} <= set(clone.remote_refs())


def test_previews_go_with_their_branch(stack, clone):
    before = published(stack)
    clone.git("push", "origin", ":trial")

    def refs():
        return {entry["ref"] for entry in stack.environments() if entry["name"] == ENVIRONMENT}

    wait_until(lambda: "trial" not in refs(), "the preview of the deleted branch is gone", look_every_s=1)
    assert published(stack) == before


def test_main_is_neither_rewritten_nor_deleted(clone):
    before = clone.remote_refs()["refs/heads/main"]
    clone.git("commit", "--amend", "-m", "another")

    forced = clone.git("push", "--force", "origin", "main", check=False)
    deleted = clone.git("push", "origin", ":main", check=False)

    assert "would throw away published history" in forced.stderr
    assert "cannot be deleted" in deleted.stderr
    assert clone.remote_refs()["refs/heads/main"] == before


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"environment.yml": b"\x00\x01binary\xff"}, "environment.yml"),
        ({"environment.yml": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"}, "environment.yml"),
        ({"requirements.txt": "\n".join(f"package-{n}" for n in range(10_000))}, "requirements.txt"),
        ({"secret": "-> /etc/passwd"}, "secret: is a link to outside"),
        ({"data.csv": "version https://git-lfs.github.com/spec/v1\n"}, "data.csv: is a pointer"),
        ({"requirements.txt": None, "check.md": None}, "declares nothing"),
    ],
    ids=["binary", "yaml-bomb", "ten-thousand", "link", "lfs", "nothing"],
)  # fmt: skip
def test_bad_input_is_refused_in_a_sentence(clone, files, said):
    clone.write(files)

    pushed = clone.commit_and_push("bad")

    assert pushed.returncode != 0
    assert f"{said}" in pushed.stderr
    assert "remote: hint: " in pushed.stderr
    assert "Traceback" not in pushed.stderr


def test_strangers_participants_and_wrong_names_are_turned_away(stack, admin, tmp_path):
    participant = stack.new_participant()
    refusals = {
        "stranger": Instructor(stack.url, "admin", "wrong", tmp_path).ls_remote(ENVIRONMENT),
        "participant": Instructor(stack.url, participant.name, participant.password, tmp_path).ls_remote(
            ENVIRONMENT
        ),
        "unknown": Instructor(stack.url, *admin, tmp_path).ls_remote("no-such"),
        "traversal": Instructor(stack.url, *admin, tmp_path).ls_remote(
            f"..%2f..%2fenvironments%2f{ENVIRONMENT}"
        ),
    }

    assert "Authentication failed" in refusals["stranger"]
    assert "environments are for instructors" in refusals["participant"]
    assert "there is no such environment" in refusals["unknown"]
    assert "there is no such environment" in refusals["traversal"]
    assert admin[1] not in stack.logs("builder") + stack.logs("hub") + stack.logs("proxy")


def test_an_instructor_pushes_with_a_token_of_the_hub(stack, admin, tmp_path):
    browser = stack.new_participant()
    browser.name, browser.password = admin
    browser.log_in()
    token = browser.request("POST", "/hub/api/users/admin/tokens", json={"note": "git"}).json()["token"]

    assert "refs/heads/main" in Instructor(stack.url, "admin", token, tmp_path).ls_remote(ENVIRONMENT)
    browser.close()


def test_ctrl_c_cancels_the_build_and_leaves_nothing(stack, ada):
    clone = ada.clone(ENVIRONMENT)
    clone.append("requirements.txt", "toolz\nhumanize\n")
    clone.commit("stopped")
    pushing = clone.start_push("stopped")
    for line in pushing.stderr:
        if "building the image" in line:
            break

    os.killpg(pushing.pid, signal.SIGINT)
    pushing.communicate(timeout=60)

    wait_until(lambda: not stack.in_builder("ls", "/srv/builds/.work"), "the work folder is empty")
    assert "buildx" not in stack.in_builder("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; true")
    assert "refs/heads/stopped" not in clone.remote_refs()


def test_of_two_pushes_at_once_one_builds_and_the_other_waits(ada):
    first, second = ada.clone(ENVIRONMENT), ada.clone(ENVIRONMENT)
    first.append("requirements.txt", "toolz\n")
    first.commit("first")
    second.append("README.md", "Another.\n")
    second.commit("second")
    pushing = first.start_push("first")
    for line in pushing.stderr:
        if "reading the declaration" in line:
            break

    waited = second.git("push", "origin", "second")
    pushing.communicate(timeout=300)

    assert "waiting: admin builds by-push" in waited.stderr
    assert pushing.returncode == 0
    assert {"refs/heads/first", "refs/heads/second"} <= set(second.remote_refs())


def test_a_large_push_streams_through(clone):
    clone.write({"data.bin": os.urandom(20_000_000), "requirements.txt": "pandsa\n"})

    pushed = clone.commit_and_push("large")

    # It came as a whole: its declaration was read, and refused.
    assert "requirements.txt:1: " in pushed.stderr


@pytest.mark.usefixtures("admin")
def test_a_rollback_publishes_the_release_before(stack):
    before = published(stack)

    stack.script("lectern", "env", "rollback", ENVIRONMENT)

    assert published(stack)["commit"] != before["commit"]
    stack.script("lectern", "env", "publish", f"{ENVIRONMENT}:{before['commit']}")
    assert published(stack)["commit"] == before["commit"]


@pytest.mark.usefixtures("admin")
def test_an_environment_that_no_course_names_can_be_deleted(stack):
    stack.script("lectern", "env", "delete", ENVIRONMENT)

    assert all(entry["name"] != ENVIRONMENT for entry in stack.environments())
    with pytest.raises(AssertionError, match="works in it"):
        stack.script("lectern", "env", "delete", "data-literacy")
