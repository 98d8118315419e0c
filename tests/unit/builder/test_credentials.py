"""Tokens for private hosts."""

import netrc
import stat

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.credentials import CredentialError, Credentials, credentials_of
from lectern.builder.secret_commands import secret

WORDS = st.text(st.sampled_from("abcXYZ0189-_.~!$%&()*+,/;<=>?@[]^`{|}"), min_size=1, max_size=40)


@pytest.fixture
def kept(tmp_path):
    return credentials_of(tmp_path, "course")


def test_a_token_is_in_a_file_that_only_its_owner_reads(kept):
    kept.put("github.com", "secret-token\n")

    assert stat.S_IMODE(kept.netrc.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert netrc.netrc(kept.netrc).authenticators("github.com") == ("oauth2", "", "secret-token")


@given(WORDS.filter(lambda word: ":" not in word), WORDS)
def test_what_is_kept_is_what_others_read(tmp_path_factory, user, token):
    kept = Credentials(tmp_path_factory.mktemp("kept"))
    kept.put("git.example.org", f"{user}:{token}")

    assert netrc.netrc(kept.netrc).authenticators("git.example.org") == (user, "", token)
    assert kept.hosts() == ("git.example.org",)


def test_a_second_token_takes_the_place_of_the_first(kept):
    kept.put("github.com", "one")
    kept.put("gitlab.com", "user:two")
    kept.put("github.com", "three")

    assert kept.hosts() == ("github.com", "gitlab.com")
    assert "one" not in kept.netrc.read_text()


def test_a_forgotten_token_is_gone(kept):
    kept.put("github.com", "one")

    assert kept.remove("github.com")
    assert not kept.remove("github.com")
    assert not kept.netrc.exists()


@pytest.mark.parametrize("host", ["", "https://github.com", "a b", "../up", "x" * 300, "host:8080", "GitHub"])
def test_what_is_no_host_is_refused(kept, host):
    with pytest.raises(CredentialError, match="is no host"):
        kept.put(host, "token")


@pytest.mark.parametrize("text", ["", "a b", "two\nlines", 'quo"te', "user:", ":token", "ünicode", "x#y"])
def test_what_is_no_token_is_refused_and_not_repeated(kept, text):
    with pytest.raises(CredentialError, match="is no token") as caught:
        kept.put("github.com", text)

    assert not text or text not in str(caught.value)


def test_no_command_prints_a_token(monkeypatch, tmp_path):
    monkeypatch.setenv("LECTERN_BUILDS", str(tmp_path))
    run = CliRunner().invoke

    said = [
        run(secret, ["set", "course", "github.com"], input="hidden-token"),
        run(secret, ["list", "course"]),
        run(secret, ["list", "course", "--json"]),
        run(secret, ["remove", "course", "github.com"]),
    ]

    assert [one.exit_code for one in said] == [0, 0, 0, 0]
    assert said[1].output == "github.com\n"
    assert "hidden" not in "".join(one.output for one in said)


def test_a_name_that_is_a_path_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("LECTERN_BUILDS", str(tmp_path))

    assert CliRunner().invoke(secret, ["set", "../x", "github.com"], input="t").exit_code == 2
