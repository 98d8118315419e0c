"""Two releases of one commit are two: each has its own packages, and each can be tried and published."""

import json
import re

import pytest

from lectern import names
from tests.support.participant import Participant
from tests.support.stack import docker, wait_until

IDENTITY = "0" * 64
PAGES = "/services/environments"


@pytest.fixture(scope="module")
def published(stack):
    """Give the release of the stack's first environment."""
    first = stack.course()["environment"]
    return next(one for one in stack.environments() if one["name"] == first and one["published"])


@pytest.fixture(scope="module")
def older(stack, published, tmp_path_factory):
    """Give the tag of a release of the same commit with one package more, as a rebuild leaves it."""
    repository = names.environment_image(stack.project, published["name"])
    tag = f"{published['commit']}-{IDENTITY[:12]}"
    file = tmp_path_factory.mktemp("older") / "manifest.json"
    container = docker(
        "create", "--label", f"{names.PROJECT}={stack.project}", f"{repository}:{published['tag']}"
    )
    docker("cp", f"{container}:{names.ENV_MANIFEST}", str(file))
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["python"].append("gone-since==1.0")
    file.write_text(json.dumps(manifest), encoding="utf-8")
    docker("cp", str(file), f"{container}:{names.ENV_MANIFEST}")
    labels = (f"{names.IDENTITY}={IDENTITY}", f"{names.BUILT_AT}=2026-01-01T00:00:00+00:00")
    changes = [word for label in labels for word in ("--change", f"LABEL {label}")]
    docker("commit", *changes, container, f"{repository}:{tag}")
    docker("rm", container)
    yield tag
    docker("rmi", "--force", f"{repository}:{tag}")


@pytest.fixture(scope="module")
def admin(stack):
    person = Participant(stack.url, "admin", stack.admin_password)
    person.log_in()
    yield person
    person.close()


def _page(person, path):
    page = person.http.get(f"{PAGES}/{path}")
    assert page.status_code == 200, page.text
    return page.text


def test_each_shows_its_own_packages_and_what_differs(admin, published, older):
    name, newer = published["name"], published["tag"]

    assert "gone-since" in _page(admin, f"{name}/packages/{older}")
    assert "gone-since" not in _page(admin, f"{name}/packages/{newer}")
    assert "- gone-since 1.0 (python)" in _page(admin, f"{name}/diff?before={older}&after={newer}")
    assert admin.http.get(f"{PAGES}/{name}/packages/published-by-nobody").status_code == 409


def test_the_button_publishes_exactly_that_release(stack, admin, published, older):
    name = published["name"]
    action = f"{PAGES}/{name}/publish"
    page = _page(admin, f"{name}/")
    assert f'name="commit" value="{older}"' in page
    token = re.search(r'name="_xsrf" value="([^"]+)"', page)[1]

    try:
        answer = admin.http.post(action, data={"commit": older, "_xsrf": token})
        identity = _identity(names.published_tag(stack.project, name))
    finally:
        stack.script("lectern", "env", "publish", f"{name}:{published['tag']}")

    assert answer.status_code == 200, answer.text
    assert identity == IDENTITY
    assert _identity(names.published_tag(stack.project, name)) == published["identity"]


def test_try_it_starts_exactly_that_release(stack, admin, published, older):
    name = published["name"]
    address = f"/hub/spawn/admin/preview?environment={name}&release={older}"
    assert address.replace("&", "&amp;") in _page(admin, f"{name}/")

    admin.http.get(address)
    container = names.preview_container(stack.project, "admin")
    try:
        wait_until(lambda: docker("ps", "--quiet", "--filter", f"name=^{container}$"), "the preview runs")
        started = docker("inspect", "--format", "{{.Image}}", container)
    finally:
        wait_until(_is_stopped(admin), "the preview is stopped", look_every_s=1)

    assert started == docker(
        "inspect", "--format", "{{.Id}}", f"{names.environment_image(stack.project, name)}:{older}"
    )


def _identity(image):
    return docker("inspect", "--format", f'{{{{index .Config.Labels "{names.IDENTITY}"}}}}', image)


def _is_stopped(person):
    path = "/hub/api/users/admin/servers/preview"
    return lambda: person.request("DELETE", path).status_code in (204, 404)
