"""Settings → traitlets: the only file that writes `c.…`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lectern import names
from lectern.hub import design
from lectern.hub.authenticator import CourseAuthenticator
from lectern.hub.spawner import WorkspaceSpawner
from lectern.login_settings import words

if TYPE_CHECKING:
    from lectern.settings import Settings

_TEMPLATES = Path("/srv/hub/templates")
_DAY_S = 86_400


def configure(c: Any, settings: Settings) -> None:  # noqa: ANN401 - traitlets' Config
    """Write the whole configuration of the hub.

    Raises
    ------
    SettingError
        A secret is missing.
    """
    _configure_hub(c, settings)
    _configure_tls(c, settings)
    c.JupyterHub.authenticator_class = _authenticator(settings)
    c.CourseAuthenticator.lectern_settings = settings
    _configure_spawner(c, settings)


def _authenticator(settings: Settings) -> type[CourseAuthenticator]:
    if words(settings.login) == ("native",):
        return CourseAuthenticator
    # Libraries that an installation with native logins alone never needs.
    from lectern.hub.logins.dispatcher import WayDispatcher  # noqa: PLC0415
    from lectern.hub.logins.ways import plan_ways  # noqa: PLC0415

    plan_ways(settings)  # a missing secret is told now
    return WayDispatcher


def _configure_tls(c: Any, settings: Settings) -> None:  # noqa: ANN401
    """Behind a TLS proxy: cookies for TLS only, and addresses as people see them."""
    if settings.address.startswith("https://"):
        c.JupyterHub.public_url = f"{settings.address}/"
        c.JupyterHub.tornado_settings["xsrf_cookie_kwargs"] = {"secure": True}


def _configure_hub(c: Any, settings: Settings) -> None:  # noqa: ANN401
    c.JupyterHub.bind_url = "http://:8000"
    c.JupyterHub.hub_ip = "0.0.0.0"  # noqa: S104 - inside the container; only the proxy is published
    c.JupyterHub.hub_connect_ip = "hub"
    c.JupyterHub.cookie_secret = bytes.fromhex(settings.secret("cookie_secret"))
    # The driver's name is in the URL: without it SQLAlchemy 2.1 and 2.0 choose different ones.
    c.JupyterHub.db_url = f"postgresql+psycopg://lectern:{settings.secret('db_password')}@db/lectern"
    c.JupyterHub.db_kwargs = {"pool_pre_ping": True}  # a restart of Postgres is noticed and healed
    c.JupyterHub.template_paths = [str(_TEMPLATES)]
    c.JupyterHub.template_vars = design.template_vars(settings.notice)
    c.JupyterHub.jinja_environment_options = design.JINJA_OPTIONS
    c.JupyterHub.logo_file = str(design.LOGO)
    # The proxy is a service of its own, and kernels outlive a restart of the hub.
    c.JupyterHub.proxy_class = "jupyterhub.proxy.ConfigurableHTTPProxy"
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = "http://proxy:8001"
    c.ConfigurableHTTPProxy.auth_token = settings.secret("proxy_token")
    # This look at the proxy also gives a restarted one its routes again; seconds.
    c.JupyterHub.last_activity_interval = 10
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    # The admission of starts is ours (admission.py): it queues where JupyterHub would refuse.
    c.JupyterHub.concurrent_spawn_limit = 0
    c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
    # One server without a name, and `preview` for instructors: chooser.py and preview.py refuse any other.
    c.JupyterHub.allow_named_servers = True
    c.JupyterHub.services = [
        {"name": "lectern", "api_token": settings.secret("api_token")},
        {
            "name": names.SERVICE,
            "url": f"http://builder:{names.SERVICE_PORT}",
            "api_token": settings.secret("builder_token"),
            "oauth_no_confirm": True,  # it is a part of this installation
            "oauth_client_id": f"service-{names.SERVICE}",
        },
    ]
    c.JupyterHub.load_roles = [
        {
            "name": "lectern-command",
            "description": "The `lectern` command: courses and their codes",
            "services": ["lectern"],
            "scopes": ["admin:groups"],
        },
        {
            "name": "builder",
            "description": "The builder: who somebody is, and which courses use an environment",
            "services": [names.SERVICE],
            "scopes": ["list:users", "read:users", "read:groups"],
        },
        {
            # Everybody reaches it, and is told there what they may not.
            "name": "user",
            "scopes": ["self", f"access:services!service={names.SERVICE}"],
        },
    ]


def _configure_spawner(c: Any, settings: Settings) -> None:  # noqa: ANN401
    c.JupyterHub.spawner_class = WorkspaceSpawner
    c.WorkspaceSpawner.lectern_settings = settings
    c.DockerSpawner.pull_policy = "skip"  # images are local: by id, as they were published
    c.DockerSpawner.use_internal_ip = True
    c.DockerSpawner.remove = True
    c.DockerSpawner.cmd = [f"{names.SERVER_PREFIX}/bin/workspace-server"]
    c.DockerSpawner.port = names.NOTEBOOK_PORT
    c.Spawner.default_url = "/lab"
    # The spawner reads them when it plans; JupyterHub would warn at each start that nobody does.
    c.Spawner.apply_user_options = lambda _spawner, _options: None
    c.Spawner.environment = {"WORKSPACE_SPARE_KERNEL": "1" if settings.kernel_ahead else "0"}
    # Counted from the click by JupyterHub; ours (LECTERN_START_TIMEOUT_S) counts from admission.
    c.Spawner.start_timeout = _DAY_S
    c.Spawner.http_timeout = settings.start_timeout_s
