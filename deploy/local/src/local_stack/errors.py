"""What can be wrong with the local stack, in words that say what to do."""

from shared.errors import ServiceError


class StackError(ServiceError):
    """The stack can't start or stopped working; the message says what to do."""

    code = "stack_failed"


class ServerMissingError(StackError):
    """A server's programs are not on this machine and could not be installed without a question."""

    code = "server_missing"


class ServerFailedError(StackError):
    """A server ended, or did not answer in time; the message names its log."""

    code = "server_failed"
