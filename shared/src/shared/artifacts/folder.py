"""Small files of a store that is a folder, asked of the system itself: a job looks for its
tombstone and its manifest, which take a tenth of the time so that obstore's threads take.
"""

from pathlib import Path
from uuid import uuid4

from obstore.exceptions import GenericError


class Folder:
    """Raises what obstore raises where the folder can't be used: its BaseError."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        """None where there is no such file."""
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GenericError(str(error)) from error

    def size(self, path: str) -> int | None:
        try:
            return (self._root / path).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GenericError(str(error)) from error

    def create(self, path: str, body: bytes) -> bool:
        """Whether this call made the file; of many at once, one hears True. It is there with all
        its bytes, or not at all: until then it has a name that obstore does not list either.
        """
        file = self._root / path
        partial = file.with_name(f"{file.name}#{uuid4().int}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("xb") as out:
                    out.write(body)
                file.hardlink_to(partial)
            finally:
                partial.unlink(missing_ok=True)
        except FileExistsError:
            return False
        except OSError as error:
            raise GenericError(str(error)) from error
        return True
