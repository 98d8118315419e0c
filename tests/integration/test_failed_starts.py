"""A server that cannot start says why, and the next start works."""

import pytest

from lectern import names
from tests.support.participant import Participant, StartFailedError
from tests.support.stack import docker

OWN_CONFIG = ".jupyter/jupyter_server_config.py"


@pytest.fixture
def ada(stack):
    with stack.at_work("unlucky") as someone:
        yield someone


@pytest.fixture
def no_longer_published(stack, ada):
    ada.stop()
    published = names.published_tag(stack.project, stack.course()["environment"])
    image = docker("image", "inspect", "--format", "{{.Id}}", published)
    docker("tag", image, f"{stack.project}/kept:for-the-test")
    docker("rmi", published)
    yield
    docker("tag", image, published)
    docker("rmi", f"{stack.project}/kept:for-the-test")


def put_into_home(stack, ada, path: str, text: str) -> None:
    """Write a file where its owner's next start reads it; the server has to be stopped."""
    image = names.published_tag(stack.project, stack.course()["environment"])
    home = names.home_volume(stack.project, ada.name)
    docker(
        "run", "--rm", "--network", "none", "--volume", f"{home}:{names.HOME}",
        image, "bash", "-c", 'mkdir -p "$(dirname "$0")" && printf %s "$1" >"$0"', path, text,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own_config", "said"),
    [
        ("import os; os.write(2, b'I broke it'); os._exit(7)", r"ended .*exit status 7.*I broke it"),
        ("x = bytearray(b'x') * (4 << 30)", r"ran out of memory.*LECTERN_MEMORY"),
        ("import time; time.sleep(3600)", r"did not answer within 15 seconds.*try again"),
    ],
    ids=["ends", "out-of-memory", "hangs"],
)
def test_a_server_that_does_not_come_up_says_why(stack, ada, own_config, said):
    ada.stop()
    put_into_home(stack, ada, OWN_CONFIG, own_config)

    with pytest.raises(StartFailedError, match=f"(?s){said}"):
        ada.start()

    put_into_home(stack, ada, OWN_CONFIG, "")
    ada.start()
    assert ada.run("6 * 7").text == "42"


def test_a_start_that_fails_once_is_repeated_and_the_page_says_so(stack, ada):
    ada.stop()
    put_into_home(
        stack, ada, OWN_CONFIG,
        "import os\ntried = '/home/jovyan/tried'\n"
        "if not os.path.exists(tried):\n    open(tried, 'x')\n    os._exit(7)\n",
    )  # fmt: skip

    ada.start()

    assert any("trying once more" in message for message in ada.progress)
    assert ada.run("6 * 7").text == "42"


@pytest.mark.usefixtures("no_longer_published")
def test_an_environment_that_is_not_published_is_named(ada):
    with pytest.raises(StartFailedError, match=r"“data-literacy” is not published yet.*publishing"):
        ada.start()


def test_who_is_in_no_course_is_told_to_ask(stack, ada):
    ada.stop()
    group = names.course_group(stack.course()["name"])
    admin = Participant(stack.url, "admin", stack.admin_password)
    admin.log_in()
    left = admin.request("DELETE", f"/hub/api/groups/{group}/users", json={"users": [ada.name]})
    assert left.status_code == 200, left.text

    with pytest.raises(StartFailedError, match="in no course"):
        ada.start()


def test_a_server_removed_by_hand_can_be_started_again(stack, ada):
    docker("rm", "--force", names.workspace_container(stack.project, ada.name))

    ada.stop()
    ada.start()
    assert ada.run("6 * 7").text == "42"
