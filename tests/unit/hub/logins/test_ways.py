"""What the settings' ways become."""

import pytest

from lectern.errors import SettingError
from lectern.hub.logins.ways import plan_ways
from lectern.settings import Settings


@pytest.fixture(autouse=True)
def modules(tmp_path, monkeypatch):
    """Give the operator's modules, each with a class of a name that another has, too."""
    monkeypatch.syspath_prepend(tmp_path)
    for module, name in (("ways_a", "Card"), ("ways_b", "Card"), ("ways_c", "CARD"), ("ways_d", "GitHub")):
        text = f"from jupyterhub.auth import Authenticator\nclass {name}(Authenticator):\n    pass\n"
        (tmp_path / f"{module}.py").write_text(text)
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins/github_client_secret").write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("first", "second"),
    [("ways_a.Card", "ways_b.Card"), ("ways_a.Card", "ways_c.CARD"), ("github", "ways_d.GitHub")],
)
def test_two_ways_with_the_same_pages_are_refused(modules, first, second):
    login = f"{first},native,{second}"

    with pytest.raises(SettingError) as caught:
        plan_ways(Settings(login=login, secrets=modules))

    assert f"`{first}` and `{second}`" in caught.value.what
    assert caught.value.where == f"LECTERN_LOGIN={login}"


def test_ways_keep_their_order(modules):
    ways = plan_ways(Settings(login="ways_a.Card,native,github", secrets=modules))

    assert [way.key for way in ways] == ["card", "github"]
