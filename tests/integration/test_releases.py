"""Which releases there are, which of them is published, and how it becomes another."""

import pytest

from lectern import names
from lectern.builder.engine import Engine
from lectern.builder.pruning import prune_branches
from lectern.builder.releases import publish_release, releases
from lectern.errors import EngineError
from tests.support.stack import docker

FIRST, SECOND = "1" * 40, "2" * 40
OLD, NEW = {"requirements.txt": "tabulate==0.9.0\n"}, {"requirements.txt": "tabulate==0.8.10\n"}


@pytest.fixture(scope="module")
def engine(stack):
    return Engine(stack.project)


@pytest.fixture
def here(engine, stack, name):
    """Give a function that lists the environment's releases, oldest first."""
    return lambda: [one for one in releases(engine, stack.project) if one.release.environment == name]


def _build(builder, name, files, commit, *options):
    builder.build(builder.repo(name, files), "--commit", commit, "--ref", "main", "--author", "ada", *options)


def test_going_back_is_recorded_and_is_what_new_starts_use(builder, engine, stack, name, here):
    _build(builder, name, OLD, FIRST, "--publish")
    _build(builder, name, NEW, SECOND, "--publish")

    publish_release(engine, stack.project, name, FIRST, "grace")

    first, second = here()
    assert (first.release.commit, first.is_published, second.is_published) == (FIRST, True, False)
    assert first.publication.by == "grace"
    assert first.publication.at > second.release.built_at
    assert (first.release.ref, first.release.author) == ("main", "ada")
    said = builder.inside(
        builder.image(name, names.PUBLISHED),
        *("/opt/env/bin/python", "-c", "from importlib.metadata import version; print(version('tabulate'))"),
    )
    assert said == "0.9.0"


def test_publishing_what_is_published_changes_nothing(builder, engine, stack, name, here):
    _build(builder, name, OLD, FIRST, "--publish")
    before = here()

    publish_release(engine, stack.project, name, FIRST, "grace")

    assert here() == before


def test_what_is_not_here_cannot_be_published(builder, engine, stack, name, here):
    _build(builder, name, OLD, FIRST, "--publish")

    with pytest.raises(EngineError, match="there is no such release"):
        publish_release(engine, stack.project, name, SECOND, "grace")

    assert [one.is_published for one in here()] == [True]


def test_one_can_go_back_to_other_packages_of_the_same_commit(builder, engine, stack, name, here):
    _build(builder, name, OLD, FIRST, "--publish")
    _build(builder, name, NEW, FIRST, "--publish")
    earlier, later = here()

    publish_release(engine, stack.project, name, earlier.tag, "grace")

    assert (earlier.tag, later.tag) == (f"{FIRST}-{earlier.release.identity[:12]}", FIRST)
    assert [one.is_published for one in here()] == [True, False]


def test_previews_of_a_branch_that_is_gone_go_unless_somebody_uses_them(
    builder, engine, name, here, tmp_path
):
    _build(builder, name, OLD, FIRST, "--publish")
    for ref, commit in (("topic", "3" * 40), ("tried", "4" * 40)):
        builder.build(builder.repo(name, OLD | {"x": ref}), "--commit", commit, "--ref", ref)
    project = builder.stack.project
    label = f"{names.PROJECT}={project}"
    tried = docker("run", "--detach", "--label", label, builder.image(name, "4" * 40), "sleep", "300")
    try:
        removed, _ = prune_branches(engine, project, name, ["main"], disk=tmp_path)
    finally:
        docker("rm", "--force", tried)

    assert removed == (builder.image(name, "3" * 40),)
    assert [one.release.commit for one in here()] == [FIRST, "4" * 40]
