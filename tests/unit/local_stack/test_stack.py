"""What each service is told."""

from pathlib import Path

import pytest

from local_stack.stack import Stack, replicas_for
from shared.artifacts.places import root_of


@pytest.mark.parametrize(
    ("cores", "workers"),
    [
        pytest.param(None, 1, id="unknown"),
        pytest.param(1, 1, id="one core"),
        pytest.param(3, 3, id="one a core"),
        pytest.param(64, 4, id="four at most"),
    ],
)
def test_media_workers_follow_the_cores(cores: int | None, workers: int) -> None:
    assert replicas_for(cores)["media-worker"] == workers


def test_workers_are_not_told_where_the_database_is(tmp_path: Path) -> None:
    stack = Stack(tmp_path, "postgresql://db", "amqp://broker", replicas={"media-worker": 2})

    told = {service.name: "DATABASE_URL" in service.env for service in stack.services}

    assert told == {
        "api": True,
        "projector": True,
        "script-worker": False,
        "media-worker": False,
        "media-worker-2": False,
        "notifier": True,
    }


def test_services_find_their_files_in_the_stacks_own_folder_whatever_its_name(
    tmp_path: Path,
) -> None:
    stack = Stack(tmp_path / "my C# 100%25?", "postgresql://db", "amqp://broker")

    told = stack._shared("amqp://broker")["ARTIFACTS_URL"]

    assert root_of(told) == stack.artifacts


def test_services_are_told_how_long_they_have_when_the_stack_stops(tmp_path: Path) -> None:
    stack = Stack(tmp_path, "postgresql://db", "amqp://broker", grace_s=120)

    assert {service.env["GRACE_S"] for service in stack.services} == {"120"}


def test_every_process_has_a_port_of_its_own(tmp_path: Path) -> None:
    stack = Stack(tmp_path, "postgresql://db", "amqp://broker", replicas={"media-worker": 3})

    assert len({service.ready_url for service in stack.services}) == len(stack.services)


def test_more_variables_reach_every_replica_of_their_service(tmp_path: Path) -> None:
    stack = Stack(
        tmp_path,
        "postgresql://db",
        "amqp://broker",
        replicas={"media-worker": 2},
        env={"media-worker": {"FAIL_POINT": "here"}},
    )

    told = {service.name for service in stack.services if service.env.get("FAIL_POINT") == "here"}

    assert told == {"media-worker", "media-worker-2"}
