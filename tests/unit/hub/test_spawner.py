"""Which container is whose, and what a restarted hub knows of it; without an engine."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from jupyterhub import orm

from lectern import names
from lectern.hub.spawner import WorkspaceSpawner
from lectern.settings import Settings

_PEOPLE = st.text(min_size=1, max_size=60)


@given(_PEOPLE, _PEOPLE)
def test_a_preview_is_beside_everybodys_container(one, other):
    def container(person, server):
        spawner = WorkspaceSpawner(
            user=SimpleNamespace(name=person),
            orm_spawner=orm.Spawner(name=server),
            lectern_settings=Settings(project="test"),
        )
        return spawner.object_name

    assert container(one, names.PREVIEW) not in {container(one, ""), container(other, "")}
    assert (container(one, "") == container(other, "")) == (one == other)


class _Engine(WorkspaceSpawner):
    """A spawner whose engine has one container."""

    async def docker(self, method, *args, **kwargs):  # noqa: ARG002
        return {"Id": "1", "Config": {"Env": ["PATH=/bin", "JUPYTERHUB_API_TOKEN=a=secret"]}}


async def test_a_restarted_hub_knows_its_servers_tokens_again():
    spawner = _Engine(object_name="x")

    await spawner.get_object()

    assert spawner.api_token == "a=secret"


async def test_the_token_of_a_new_start_is_not_an_old_container_s():
    spawner = _Engine(object_name="x", api_token="new")

    await spawner.get_object()

    assert spawner.api_token == "new"
