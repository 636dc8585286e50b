"""Why a stranger's file is not taken."""

from shared.errors import ServiceError


class RefusedFileError(ServiceError):
    """``code``: "upload_refused" (not a kind that is taken), "upload_too_large" or
    "upload_unreadable".
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code


class DecodingLostError(RefusedFileError):
    """Decoding was ended before it could say anything of the file: a later try may succeed."""

    def __init__(self, detail: str) -> None:
        super().__init__("upload_unreadable", detail)
