"""Every label, tag, volume, network and container name. Pure: nothing is looked up here.

Docker allows ``[a-zA-Z0-9][a-zA-Z0-9_.-]*`` in names; a project name has no underscore,
so an underscore always separates the project from what follows, as in Compose's own names.
"""

from __future__ import annotations

import hashlib
import re

# --- labels -------------------------------------------------------------------------------------
# On all that Lectern makes, so that it can be found and removed without touching anything else.
PROJECT = "lectern.project"

# On a participant's container and home; on a course's shared folder and its participants' containers.
PARTICIPANT = "lectern.participant"
ACCOUNT = "lectern.account"  # on a home: when its owner's account was made, which tells equal names apart
COURSE = "lectern.course"
COURSE_ID = "lectern.course-id"  # on a shared folder: tells courses of equal names apart

# On a throw-away container of the builder.
TRIAL = "lectern.trial"

# On an environment's image: its record. release.py turns these into a Release and back.
ENVIRONMENT = "lectern.environment"
COMMIT = "lectern.commit"
IDENTITY = "lectern.identity"
BASE = "lectern.base"
RECIPE = "lectern.recipe"
KERNELS = "lectern.kernels"
LANGUAGES = "lectern.languages"
BUILT_AT = "lectern.built-at"
SMOKE_TEST = "lectern.smoke-test"
REF = "lectern.ref"  # the branch or tag that was built; empty for a folder
AUTHOR = "lectern.author"  # who asked for the build

# On the image that `PUBLISHED` points to, beside all of its release's: who made it so, and when.
PUBLISHED_BY = "lectern.published-by"
PUBLISHED_AT = "lectern.published-at"

# --- tags ---------------------------------------------------------------------------------------
PUBLISHED = "published"
UNPROVEN = "building-"  # how the tag of an image begins that has not passed its smoke test

# --- the builder as a service of the hub ------------------------------------------------------------
SERVICE = "environments"  # its name in JupyterHub, and its address: /services/environments/
SERVICE_PORT = 8010
MAIN_BRANCH = "main"  # what is pushed to it is published; any other branch is a preview

# --- servers of one person, beside the one without a name --------------------------------------------
PREVIEW = "preview"

# --- what is where in a participant's container ---------------------------------------------------
HOME = "/home/jovyan"
SHARED_FOLDER = f"{HOME}/shared"
REPO = "/srv/env"
MANIFEST = f"{REPO}/manifest.json"
ENV_PREFIX = "/opt/env"
ENV_MANIFEST = f"{ENV_PREFIX}/manifest.json"  # where it is written; MANIFEST leads to it
SERVER_PREFIX = "/opt/jupyter"
NOTEBOOK_PORT = 8888

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def _slug(name: str) -> str:
    """Give a name that Docker takes; two different names never share one.

    A plain name stays as it is and holds no dot; any other gets a readable part, a dot and its hash.
    """
    if _PLAIN.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:20] or "x"
    return f"{readable}.{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def is_environment_name(name: str) -> bool:
    """Say whether an environment may have this name: it is part of addresses, paths and image names."""
    return _ENVIRONMENT.fullmatch(name) is not None


def environment_image(project: str, environment: str) -> str:
    """Name the repository of an environment's images; a tag is a commit or `PUBLISHED`."""
    return f"{project}/env/{environment}"


def published_tag(project: str, environment: str) -> str:
    """Name the tag that points to the release which new starts use."""
    return f"{environment_image(project, environment)}:{PUBLISHED}"


def home_volume(project: str, participant: str) -> str:
    """Name the volume that is a participant's home."""
    return f"{project}_home_{_slug(participant)}"


def later_home_volume(project: str, participant: str, account: str) -> str:
    """Name the home of somebody whose name was that of a deleted account, the first home's owner."""
    return f"{home_volume(project, participant)}.{hashlib.sha256(account.encode()).hexdigest()[:8]}"


def workspace_container(project: str, participant: str) -> str:
    """Name a participant's container."""
    return f"{project}_workspace_{_slug(participant)}"


def preview_container(project: str, participant: str) -> str:
    """Name the container in which an instructor tries a release, beside their own."""
    return f"{project}_preview_{_slug(participant)}"


def shared_volume(project: str, course: str) -> str:
    """Name the volume of a course that its participants read and its instructors write."""
    return f"{project}_shared_{_slug(course)}"


def later_shared_volume(project: str, course: str, course_id: str) -> str:
    """Name the shared folder of a course whose name was that of a deleted one, the first folder's owner."""
    return f"{shared_volume(project, course)}.{course_id}"


def classroom_network(project: str) -> str:
    """Name the network of hub, proxy and participants' containers (`classroom` in compose.yaml)."""
    return f"{project}_classroom"


def helper_group(course: str) -> str:
    """Name the JupyterHub group of a course's helpers."""
    return f"helpers-{course}"


def course_group(course: str) -> str:
    """Name the JupyterHub group of everybody in a course."""
    return f"course-{course}"


def instructor_group(course: str) -> str:
    """Name the JupyterHub group of a course's instructors."""
    return f"instructors-{course}"
