"""What a participant's container is made of. Pure: no Docker, no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern import names

if TYPE_CHECKING:
    from lectern.settings import Settings

#: A server that boots must not slow those that are worked with, nor the hub (262144 in compose.yaml).
#: Both are above what BuildKit's steps have as a group, which nobody can set: 1024, or 2598 on cgroup v2.
BOOTING_CPU_SHARES = 4096
READY_CPU_SHARES = 32768

#: Enough for several kernels with their threads, too few for a fork bomb to hurt the machine.
PROCESSES = 512

_CPU_PERIOD_US = 100_000


@dataclass(frozen=True)
class Mount:
    """A volume at a path of the container."""

    volume: str
    path: str
    labels: dict[str, str]  # the volume's, when it has to be made
    told_apart_by: str  # the label that says whose it is, where names are equal
    later_volume: str  # takes its place where an account or a course of the same name, now gone, made it
    is_read_only: bool = False

    def is_of_another(self, labels: dict[str, str]) -> bool:
        """Say whether a volume with such labels belongs to one of the same name that is gone."""
        own = self.labels[self.told_apart_by]
        return labels.get(self.told_apart_by, own) != own


@dataclass(frozen=True)
class Limits:
    """What a course gives to one participant; None is what the installation gives."""

    memory_bytes: int | None = None
    cpus: float | None = None
    processes: int | None = None


_NO_LIMITS = Limits()


@dataclass(frozen=True)
class Workspace:
    """One participant's container, as the engine needs it."""

    image: str  # image id, sha256:…, never a tag: a later publish must not change a running class
    memory_bytes: int
    cpus: float | None  # None: all that are free
    processes: int
    network: str
    mounts: tuple[Mount, ...]
    labels: dict[str, str]

    def volumes(self) -> dict[str, dict[str, str]]:
        """Give the mounts as DockerSpawner's `volumes` takes them."""
        return {
            mount.volume: {"bind": mount.path, "mode": "ro" if mount.is_read_only else "rw"}
            for mount in self.mounts
        }

    def host_config(self) -> dict[str, Any]:
        """Give the limits and fences, as docker-py's `create_host_config` takes them."""
        config: dict[str, Any] = {
            "mem_limit": self.memory_bytes,
            "memswap_limit": self.memory_bytes,  # no swap beyond it: a class of swappers stops the machine
            "pids_limit": self.processes,
            "cpu_shares": BOOTING_CPU_SHARES,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "log_config": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
        }
        if self.cpus is not None:
            config |= {"cpu_period": _CPU_PERIOD_US, "cpu_quota": int(self.cpus * _CPU_PERIOD_US)}
        return config


def plan_workspace(
    participant: str,
    course: str,
    *,
    account: str,
    course_id: str,
    is_instructor: bool,
    image: str,
    settings: Settings,
    limits: Limits = _NO_LIMITS,
) -> Workspace:
    """Say what a participant's container is in a course.

    Parameters
    ----------
    participant : str
        JupyterHub user name.
    course : str
        Name of the course, whose shared folder is mounted; empty for none.
    account : str
        When the account was made: its home is nobody's who takes the name later.
    course_id : str
        Tells the course from a deleted one of the same name, whose shared folder stays its own.
    is_instructor : bool
        Whether the shared folder may be written.
    image : str
        Image id, ``sha256:…``.
    settings : Settings
        For the project's name and the memory limit.
    limits : Limits
        The course's own.
    """
    project = settings.project
    own = {names.PROJECT: project, names.PARTICIPANT: participant}
    shared = Mount(
        names.shared_volume(project, course),
        names.SHARED_FOLDER,
        {names.PROJECT: project, names.COURSE: course, names.COURSE_ID: course_id},
        told_apart_by=names.COURSE_ID,
        later_volume=names.later_shared_volume(project, course, course_id),
        is_read_only=not is_instructor,
    )
    return Workspace(
        image=image,
        memory_bytes=limits.memory_bytes or settings.memory,
        cpus=limits.cpus,
        processes=limits.processes or PROCESSES,
        network=names.classroom_network(project),
        mounts=(
            Mount(
                names.home_volume(project, participant),
                names.HOME,
                own | {names.ACCOUNT: account},
                told_apart_by=names.ACCOUNT,
                later_volume=names.later_home_volume(project, participant, account),
            ),
            *([shared] if course else []),
        ),
        labels=own | ({names.COURSE: course} if course else {}),
    )
