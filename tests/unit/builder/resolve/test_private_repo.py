"""A package in a private repo is resolved by a token that is in a file."""

from urllib.parse import urlsplit

from lectern.builder.credentials import Credentials
from lectern.builder.declare.items import Requirement
from lectern.builder.resolve.direct_addresses import Direct, pin
from lectern.builder.resolve.refusals import Reason
from lectern.settings import home
from tests.support.private_server import private_repo

FILES = {"pyproject.toml": '[project]\nname = "quipu"\nversion = "1"\ndependencies = []\n'}


def test_a_private_repo_answers_to_the_environments_token_alone(tmp_path):
    kept = Credentials(tmp_path / "kept")
    with private_repo(tmp_path, FILES, "token-1") as address:
        asked = Requirement(f"quipu @ git+{address}", "requirements.txt:1")
        with home(kept.folder):
            without = pin(asked)
        kept.put(urlsplit(address).hostname, "token-1")
        with home(kept.folder):
            given = pin(asked)

    assert isinstance(without, Reason)
    assert isinstance(given, Direct)
    assert given.name == "quipu"
    assert "token" not in given.line
