"""What a process of the API loads."""

import subprocess
import sys


def test_what_checks_tokens_is_not_loaded_where_there_are_none() -> None:
    ask = "import sys, api.main; print(*{'jwt', 'cryptography', 'httpx'} & sys.modules.keys())"

    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
