"""What a build step reaches: the internet and what the machine publishes, nothing of the stack's own."""

import json

from lectern import names
from tests.support.builder import Builder
from tests.support.private_server import engine_address
from tests.support.stack import docker

PORTS = (5432, 8000, 8001, 8010, 8081, names.NOTEBOOK_PORT)
INTERNAL = (5432, 8001, 8010, 8081)

REACHED = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

def reaches(place):
    try:
        socket.create_connection(place, timeout=2).close()
        return True
    except OSError:
        return False

def reached(places):
    with ThreadPoolExecutor(40) as pool:
        return [place for place, yes in zip(places, pool.map(reaches, map(tuple, places))) if yes]
"""
LOOK = f"""#!/usr/bin/python3
{REACHED}
sockets = [str(path) for top in ("/run", "/var", "/tmp") for path in Path(top).rglob("*") if path.is_socket()]
Path("seen.json").write_text(json.dumps([reached(json.loads(Path("places.json").read_text())), sockets]))
"""


def _addresses(project):
    """Give the addresses of a project's containers, on all their networks."""
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    found = docker("ps", "--quiet", "--filter", f"label={names.PROJECT}={project}").split()
    return sorted(set(docker("inspect", "--format", form, *found).split()))


def _reached_from(network, project, places):
    """Give the ports that answer to somebody on one of the stack's own networks."""
    image = docker("inspect", "--format", "{{.Config.Image}}", f"{project}-hub-1")
    label = f"{names.PROJECT}={project}"
    code = f"{REACHED}\nprint(json.dumps(reached({places!r})))"
    said = docker(
        *("run", "--rm", "--network", network, "--label", label, "--entrypoint", "python3", image, "-c", code)
    )
    return {port for _, port in json.loads(said)}


def test_a_build_reaches_neither_the_stacks_ports_nor_the_engine(stack, name):
    builder = Builder(stack)
    networks = [f"{stack.project}_{network}" for network in ("front", "classroom", "data")]
    places = [[address, port] for address in _addresses(stack.project) for port in PORTS]
    gateways = [
        docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", network)
        for network in networks
    ]
    on_the_machine = [[gateway, port] for gateway in (engine_address(), *gateways) for port in INTERNAL]
    files = {"requirements.txt": "tabulate==0.9.0\n", "postBuild": LOOK}

    builder.build(
        builder.repo(name, files | {"places.json": json.dumps(places + on_the_machine)}), "--publish"
    )

    seen = builder.inside(builder.image(name, names.PUBLISHED), "cat", "/srv/env/seen.json")
    assert json.loads(seen) == [[], []]
    # They are there, for those who are meant to reach them: database, hub, proxy and its own interface.
    answering = set().union(*(_reached_from(network, stack.project, places) for network in networks))
    assert answering >= {5432, 8081, 8000, 8001}
