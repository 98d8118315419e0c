"""Settings → JupyterHub's configuration."""

import pytest
from traitlets.config import Config

from lectern.errors import SettingError
from lectern.hub.configure import configure
from lectern.settings import Settings


def test_a_restart_of_the_hub_leaves_servers_running(tmp_path):
    for name in ("db_password", "proxy_token", "api_token", "builder_token"):
        (tmp_path / name).write_text(f"the-{name}")
    (tmp_path / "cookie_secret").write_text("ab" * 32)
    c = Config()

    configure(c, Settings(secrets=tmp_path))

    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.cleanup_proxy is False
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.JupyterHub.concurrent_spawn_limit == 0


def test_a_missing_secret_is_named(tmp_path):
    with pytest.raises(SettingError, match="cookie_secret"):
        configure(Config(), Settings(secrets=tmp_path))
