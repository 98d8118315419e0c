"""Settings of the ways to log in: what is missing or wrong is named at start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.errors import SettingError
from lectern.login_settings import REQUIRED, GroupRule, LoginSettings, group_rules, words
from lectern.settings import read_settings

WAYS = [way for way in REQUIRED if way != "native"]


@pytest.fixture
def complete(monkeypatch):
    """Give a way all that it needs, but for what a test takes away."""

    def write(way, without=""):
        monkeypatch.setenv("LECTERN_LOGIN", way)
        for name in REQUIRED[way]:
            is_address = name.endswith(("_url", "_issuer"))
            scheme = "ldaps" if name == "ldap_url" else "https"
            if name != without:
                monkeypatch.setenv(
                    f"LECTERN_{name.upper()}", f"{scheme}://peer.example/x" if is_address else "x"
                )

    return write


@pytest.mark.parametrize(
    ("way", "without"),
    [(way, name) for way in WAYS for name in REQUIRED[way] if not LoginSettings.model_fields[name].default],
)
def test_a_missing_setting_is_named(complete, way, without):
    complete(way, without)

    with pytest.raises(SettingError) as caught:
        read_settings()

    assert caught.value.where == f"LECTERN_{without.upper()}"
    assert way in caught.value.what


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("ldap", "lti13")])
def test_a_missing_client_secret_names_its_file(complete, tmp_path, way):
    complete(way)

    with pytest.raises(SettingError) as caught:
        read_settings(secrets=tmp_path).login_secret(f"{way}_client_secret")

    assert caught.value.where == f".secrets/logins/{way}_client_secret"


@pytest.mark.parametrize("value", ["githb", "native,native", ",", "native;oidc", "os", "../x.Y"])
def test_an_unknown_way_is_named(monkeypatch, value):
    monkeypatch.setenv("LECTERN_LOGIN", value)

    with pytest.raises(SettingError) as caught:
        read_settings()

    assert caught.value.where == f"LECTERN_LOGIN={value!r}"


@pytest.mark.parametrize("value", ["uni", "uni=", "=course", "uni=Course", "uni=course:chef", "a=b,c"])
def test_a_wrong_rule_is_refused(monkeypatch, value):
    monkeypatch.setenv("LECTERN_GITHUB_GROUPS", value)

    with pytest.raises(SettingError) as caught:
        read_settings()

    assert caught.value.where == f"LECTERN_GITHUB_GROUPS={value!r}"


def test_rules_are_read():
    assert group_rules("uni/a=stats:helper, cn=x=geo") == (
        GroupRule("uni/a", "stats", "helper"),
        GroupRule("cn=x", "geo", "participant"),
    )


@given(st.text(max_size=40))
def test_any_text_is_rules_or_an_error(text):
    try:
        rules = group_rules(text)
    except ValueError:
        return
    assert len(rules) == len(words(text))


def test_native_alone_needs_nothing():
    assert read_settings().login == "native"


@pytest.mark.parametrize("way", ["oidc", "lti13"])
def test_an_issuer_is_kept_letter_by_letter(complete, monkeypatch, way):
    complete(way)
    monkeypatch.setenv(f"LECTERN_{way.upper()}_ISSUER", "https://peer.example/")

    assert getattr(read_settings(), f"{way}_issuer") == "https://peer.example/"
