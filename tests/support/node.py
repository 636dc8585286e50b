"""Programs of the page's own tools: the Node that set-up uses, and the packages of ``web``."""

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"


def _build_page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_page", ROOT / "scripts/build_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build_page = _build_page()


def prepare() -> None:
    """The packages are there."""
    build_page.install_packages(Path(sys.prefix))


async def node(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Runs Node in ``web``; answers its exit code and everything that it said."""
    npm, own = build_page.npm_of(Path(sys.prefix))
    program = npm[0] if len(npm) > 1 else "node"
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        cwd=WEB,
        env={**own, **(env or {}), "NO_COLOR": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said.decode(errors="replace")
