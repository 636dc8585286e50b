"""Scenes counted while their JSON is still being written."""


class SceneCount:
    """Fed with text as it streams in; knows how many scenes are complete.

    A scene is an object in an array of the outermost object: complete when its brace closes.
    """

    def __init__(self) -> None:
        self.complete = 0
        self._open: list[str] = []
        self._in_string = False
        self._escaped = False

    def feed(self, text: str) -> int:
        """How many scenes are complete after ``text``, altogether."""
        for letter in text:
            if self._in_string:
                self._in_quotes(letter)
            elif letter == '"':
                self._in_string = bool(self._open)
            elif letter in "{[":
                if self._open or letter == "{":
                    self._open.append(letter)
            elif letter in "}]" and self._open:
                closed = self._open.pop()
                self.complete += closed == "{" and self._open == ["{", "["]
        return self.complete

    def _in_quotes(self, letter: str) -> None:
        if self._escaped:
            self._escaped = False
        elif letter == "\\":
            self._escaped = True
        elif letter == '"':
            self._in_string = False
