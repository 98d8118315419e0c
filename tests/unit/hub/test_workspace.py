"""What a participant's container is made of."""

import re
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from lectern import names
from lectern.hub.workspace import BOOTING_CPU_SHARES, PROCESSES, READY_CPU_SHARES, Limits, plan_workspace
from lectern.settings import Settings

COMPOSE = Path(__file__).resolve().parents[3] / "compose.yaml"
_NAMES = st.text(min_size=1, max_size=60)


def _plan(
    participant="ada",
    course="statistics",
    *,
    is_instructor=False,
    account="2026-11-25",
    course_id="1",
    **more,
):
    settings = Settings(project="test", memory="1 GB")
    return plan_workspace(
        participant,
        course,
        account=account,
        course_id=course_id,
        is_instructor=is_instructor,
        image="sha256:1",
        settings=settings,
        **more,
    )


@given(_NAMES, _NAMES)
def test_no_two_participants_share_a_home(one, other):
    assume(one != other)

    first, second = _plan(one), _plan(other)

    assert first.mounts[0].volume != second.mounts[0].volume


def test_the_home_of_a_deleted_account_is_nobodys_who_takes_its_name():
    first, later = (_plan(account=account).mounts[0] for account in ("2026-11-25", "2026-11-26"))

    assert later.is_of_another(first.labels)
    assert not first.is_of_another(first.labels)
    assert not first.is_of_another({})  # of a version that did not tell them apart
    assert len({first.volume, first.later_volume, later.later_volume}) == 3


def test_the_shared_folder_of_a_deleted_course_is_nobodys_who_takes_its_name():
    first, later = (_plan(course_id=number).mounts[1] for number in ("1", "2"))

    assert later.is_of_another(first.labels)
    assert not first.is_of_another({names.COURSE: "statistics"})  # of a version that did not tell them apart
    assert len({first.volume, first.later_volume, later.later_volume}) == 3


@given(_NAMES, _NAMES, st.booleans())
def test_only_instructors_write_the_shared_folder(participant, course, is_instructor):
    modes = {
        mount["bind"]: mount["mode"]
        for mount in _plan(participant, course, is_instructor=is_instructor).volumes().values()
    }

    assert modes == {names.HOME: "rw", names.SHARED_FOLDER: "rw" if is_instructor else "ro"}


def test_a_container_has_no_swap_and_no_capability():
    host = _plan().host_config()

    assert host["mem_limit"] == host["memswap_limit"] == 1 << 30
    assert host["cap_drop"] == ["ALL"]
    assert host["security_opt"] == ["no-new-privileges"]


def test_a_course_has_limits_of_its_own():
    host = _plan(limits=Limits(memory_bytes=2 << 30, cpus=1.5, processes=100)).host_config()

    assert host["mem_limit"] == host["memswap_limit"] == 2 << 30
    assert host["cpu_quota"] == 1.5 * host["cpu_period"]
    assert host["pids_limit"] == 100


def test_a_course_without_limits_has_the_installations():
    host = _plan().host_config()

    assert (host["mem_limit"], host["pids_limit"], "cpu_quota" in host) == (1 << 30, PROCESSES, False)


def test_a_preview_of_an_admin_in_no_course_has_no_shared_folder():
    assert [mount.path for mount in _plan(course="").mounts] == [names.HOME]


def test_processors_go_to_services_then_to_people_at_work_then_to_boots_then_to_builds():
    services = {int(share) for share in re.findall(r"cpu_shares: (\d+)", COMPOSE.read_text(encoding="utf-8"))}
    builder = min(services)
    buildkit = 2598  # weight 100 of cgroup v2, in shares; 1024 on v1

    assert min(services - {builder}) > READY_CPU_SHARES > BOOTING_CPU_SHARES > buildkit > builder
