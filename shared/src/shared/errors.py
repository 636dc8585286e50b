"""One tree of errors with stable codes. What each code tells a user stands in
``shared.progress``.
"""

from shared.storable import storable


class ServiceError(Exception):
    """Anything Reelay itself raises. ``code`` is stable and documented; ``detail`` is for
    people.
    """

    code = "internal"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class StageError(ServiceError):
    """A task can't be done. ``retryable`` says whether the same inputs may yet succeed. ``detail``
    may be a stranger's words.
    """

    def __init__(self, code: str, detail: str = "", *, retryable: bool) -> None:
        super().__init__(storable(detail))
        self.code = code
        self.retryable = retryable


class ArtifactMissingError(StageError):
    """An input that was made once is no longer in the store; the user's retry makes it anew."""

    def __init__(self, key: str) -> None:
        super().__init__("artifact_missing", f"{key} is not in the artifact store", retryable=False)


class PublishUnknownError(ServiceError):
    """No confirm came in time: the broker may or may not have the message."""

    code = "publish_unknown"


class NotStoredError(ServiceError):
    """The broker said no (nack, or no queue takes it), or is away: it surely does not have the
    message.
    """

    code = "not_stored"


class StoppedError(ServiceError):
    """The service was told to stop while it waited for what it needs."""

    code = "stopped"


class HandedBackError(ServiceError):
    """The service stops, and this command's work was not done in time: another worker takes it."""

    code = "handed_back"


class StoreRefusedError(ServiceError):
    """The artifact store can't keep a promise that we depend on (see ``ArtifactStore.probe``)."""

    code = "store_refused"
