"""Errors an operator can act on."""


class ImproverError(Exception):
    """Shown as one line plus a hint, without a traceback; `retryable` says whether trying again can help."""

    def __init__(self, message: str, *, hint: str = "", retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.retryable = retryable


class RateLimited(ImproverError):
    """Somebody's API asks us to wait: for this long, if it says so."""

    def __init__(self, message: str, *, hint: str = "", wait_s: float) -> None:
        super().__init__(message, hint=hint, retryable=True)
        self.wait_s = wait_s
