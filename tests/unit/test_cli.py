"""What `lectern settings` tells before anything is started."""

import secrets
import sys

import pytest
from click.testing import CliRunner

from lectern import cli


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give the folder of the operator's classes; there are no secrets of any way."""
    monkeypatch.setattr(cli, "_SITE", str(tmp_path))
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.setenv("LECTERN_SECRETS", str(tmp_path))
    return tmp_path


def _settings():
    return CliRunner().invoke(cli.main, ["settings"])


def test_the_settings_are_listed(monkeypatch):
    monkeypatch.setenv("LECTERN_LOGIN", "native")

    answer = _settings()

    assert answer.exit_code == 0
    assert "LECTERN_LOGIN=native\n" in answer.stdout


@pytest.mark.usefixtures("site")
def test_a_missing_secret_is_named(monkeypatch):
    monkeypatch.setenv("LECTERN_LOGIN", "github,native")
    monkeypatch.setenv("LECTERN_GITHUB_CLIENT_ID", "x")
    monkeypatch.setenv("LECTERN_GITHUB_ALLOW", "uni")

    answer = _settings()

    assert answer.exit_code == 1
    assert answer.stderr.startswith("error: .secrets/logins/github_client_secret: cannot be read")
    assert answer.stdout == ""


@pytest.mark.parametrize("text", ["", "import nothing_like_it", "class Card(:", "1 / 0", "Card = 1"])
def test_an_own_class_that_cannot_be_had_is_named(site, monkeypatch, text):
    module = f"site_{secrets.token_hex(4)}"
    (site / f"{module}.py").write_text(text)
    monkeypatch.setenv("LECTERN_LOGIN", f"{module}.Card")

    answer = _settings()

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"error: {module}.Card: ")
    assert "hint: put the module into hub/conf.d/" in answer.stderr


def test_an_own_class_is_found_where_the_hub_finds_it(site, monkeypatch):
    (site / "site_card.py").write_text(
        "from jupyterhub.auth import Authenticator\nclass Card(Authenticator):\n    pass\n"
    )
    monkeypatch.setenv("LECTERN_LOGIN", "site_card.Card,native")

    answer = _settings()

    assert answer.exit_code == 0, answer.stderr
