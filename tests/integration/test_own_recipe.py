"""A repo with a Dockerfile of its own: built as it stands where the operator allows it, and tried too."""

import json

import pytest

from tests.support.builder import Builder, image_tags
from tests.support.stack import docker

#: A server of its own beside ours, as an image from elsewhere has one: the hub's program is not in it.
FOREIGN = """
FROM {notebook}
USER root
RUN mv /opt/jupyter/bin/workspace-server /opt/jupyter/bin/not-ours && rm -r /srv /home/jovyan/shared
ENV HOME=/tmp
ARG NB_UID
COPY note.txt /opt/note.txt
USER $NB_UID
"""


@pytest.fixture(scope="module")
def builder(stack):
    return Builder(stack, LECTERN_STOCK_BUILDPACKS="true")


@pytest.fixture
def notebook(builder):
    return f"lectern/notebook:{image_tags(builder.stack.state)['NOTEBOOK_TAG']}"


def test_a_dockerfile_becomes_a_release_with_a_record_and_is_not_built_twice(builder, name, notebook):
    repo = builder.repo(name, {"Dockerfile": FOREIGN.format(notebook=notebook), "note.txt": "there\n"})

    said = builder.build(repo, "--publish")

    assert "no package is locked" in said.talk
    (release,) = builder.releases(name)
    manifest = json.loads(builder.run("manifest", name).out)
    assert manifest["recipe"]["from"] == [notebook]
    assert any(line.startswith("bash:") for line in manifest["debian"])
    assert any(line.startswith("jupyterlab==") for line in manifest["server"])
    published = builder.image(name, "published")
    told = builder.inside(
        published, "sh", "-c", "cat /opt/note.txt; id -u; pwd; stat -c %u . shared; echo $HOME"
    )
    assert told.split() == ["there", "1000", "/home/jovyan", "1000", "1000", "/home/jovyan"]
    assert "jupyterhub-singleuser" in builder.inside(published, "cat", "/opt/jupyter/bin/workspace-server")
    assert "unchanged" in builder.build(repo).talk
    assert builder.releases(name) == [release]


def test_a_dockerfile_without_a_hubs_server_is_told_what_it_lacks(builder, name):
    base = f"lectern/base:{image_tags(builder.stack.state)['BASE_TAG']}"
    repo = builder.repo(name, {"binder/Dockerfile": f"FROM {base}\nUSER 1000\n"})

    said = builder.run("build", repo)

    assert said.status == 1
    assert "it has no jupyterhub-singleuser" in said.talk
    assert builder.tags(name) == set()
    assert builder.trials() == []


def test_a_dockerfile_that_fails_shows_its_last_lines(builder, name, notebook):
    repo = builder.repo(name, {"Dockerfile": f"FROM {notebook}\nRUN echo words-of-it && exit 3\n"})

    said = builder.run("build", repo)

    assert said.status == 1
    assert "words-of-it" in said.talk
    assert docker("images", "--quiet", builder.image(name, "*")) == ""
