"""Ports that a folder keeps."""

import socket
from pathlib import Path

from local_stack.servers.ports import free_port, kept_ports


def test_a_folder_keeps_its_ports(tmp_path: Path) -> None:
    first = kept_ports(tmp_path / "ports.json", ["amqp", "epmd"])

    assert kept_ports(tmp_path / "ports.json", ["amqp", "epmd"]) == first
    assert len(set(first.values())) == 2


def test_a_port_that_somebody_took_meanwhile_is_replaced(tmp_path: Path) -> None:
    first = kept_ports(tmp_path / "ports.json", ["amqp", "epmd"])
    with socket.create_server(("127.0.0.1", first["amqp"])):
        second = kept_ports(tmp_path / "ports.json", ["amqp", "epmd"])

    assert second["amqp"] not in first.values()
    assert second["epmd"] == first["epmd"]


def test_two_folders_begin_to_look_at_different_places(tmp_path: Path) -> None:
    assert free_port("one") != free_port("another")


def test_a_port_that_is_excluded_is_not_taken() -> None:
    first = free_port("seed")

    assert free_port("seed", but=[first]) != first
