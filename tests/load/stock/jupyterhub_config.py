"""The stock stack: defaults, and only what it takes to sign up, log in and start at all."""

import os
from pathlib import Path

import nativeauthenticator

c = get_config()  # noqa: F821 - JupyterHub's

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.hub_ip = "0.0.0.0"
c.JupyterHub.hub_connect_ip = os.environ["STOCK_HUB"]
c.JupyterHub.authenticator_class = "native"
c.JupyterHub.template_paths = [str(Path(nativeauthenticator.__file__).parent / "templates")]
c.NativeAuthenticator.open_signup = True
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "docker"
c.DockerSpawner.image = os.environ["STOCK_IMAGE"]
c.DockerSpawner.pull_policy = "skip"  # built here, in no registry
c.DockerSpawner.network_name = os.environ["STOCK_NETWORK"]
c.DockerSpawner.remove = True
c.DockerSpawner.prefix = os.environ["STOCK_PREFIX"]
c.DockerSpawner.volumes = {os.environ["STOCK_PREFIX"] + "-{username}": "/home/jovyan"}
c.DockerSpawner.extra_create_kwargs = {"labels": {"lectern.project": os.environ["STOCK_PREFIX"]}}
