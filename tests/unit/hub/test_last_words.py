"""What a server that ended says last, and what is said around it."""

from types import SimpleNamespace

import pytest

from lectern.hub.spawner import WorkspaceSpawner
from lectern.hub.start_errors import BootError
from lectern.web.translation import told, translation


def _ended(log):
    async def docker(call, *_, **_more):
        state = {"Running": False, "OOMKilled": False, "ExitCode": 7}
        return {"State": state} if call == "inspect_container" else log

    spawner = SimpleNamespace(container_id="c0ffee", docker=docker)
    spawner._last_words = lambda: WorkspaceSpawner._last_words(spawner)  # noqa: SLF001
    return spawner


@pytest.mark.parametrize(
    ("log", "english", "german"),
    [
        (b"", "Please tell your teacher.", "Bitte sagen Sie es Ihrer Lehrkraft."),
        (
            b"no module {x}\n",
            "Please tell your teacher. Its last words: no module {x}",
            "Bitte sagen Sie es Ihrer Lehrkraft. Die letzten Worte des Servers: no module {x}",
        ),
    ],
    ids=["silent", "with words"],
)
async def test_last_words_are_told_in_a_sentence_of_the_reader_s_language(log, english, german):
    with pytest.raises(BootError) as caught:
        await WorkspaceSpawner._require_running(_ended(log))  # noqa: SLF001

    assert told(caught.value, translation("en")).endswith(f"(exit status 7). {english}")
    assert told(caught.value, translation("de")) == f"Ihr Server endete beim Start (Status 7). {german}"
