"""Finding the servers' programs."""

from pathlib import Path

import pytest

from local_stack.errors import ServerMissingError
from local_stack.servers.postgres_programs import programs_for
from local_stack.servers.rabbitmq_programs import found_under, rerooted, without_spaces


def test_postgres_is_always_there_by_way_of_a_package(tmp_path: Path) -> None:
    programs = programs_for(tmp_path / "data")

    assert (programs / "initdb").exists()
    assert (programs / "postgres").exists()


def test_data_of_a_version_that_is_not_here_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")

    with pytest.raises(ServerMissingError, match="PostgreSQL 9"):
        programs_for(tmp_path)


def test_an_unpacked_package_is_found_and_a_half_one_is_not(tmp_path: Path) -> None:
    names = ("rabbitmq/bin/rabbitmq-server", "erlang/bin/erl", "erlang/bin/epmd")
    for name in names:
        assert found_under(tmp_path) is None
        file = tmp_path / "usr/lib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    found = found_under(tmp_path)

    assert found is not None
    assert found.epmd == tmp_path / "usr/lib/erlang/bin/epmd"


def test_erlangs_start_script_learns_its_new_folder_even_with_spaces(tmp_path: Path) -> None:
    script = tmp_path / "erl"
    script.write_text('ROOTDIR=/usr/lib/erlang\nBINDIR="$ROOTDIR/erts/bin"\n')

    rerooted(script, tmp_path / "my erlang")

    assert script.read_text().startswith(f'ROOTDIR="{tmp_path}/my erlang"\n')
    assert script.stat().st_mode & 0o111


def test_programs_are_never_unpacked_below_a_folder_with_spaces() -> None:
    assert without_spaces(Path("/srv/reelay/programs")) == Path("/srv/reelay/programs")
    assert "my videos" not in str(without_spaces(Path("/srv/my videos/programs")))
