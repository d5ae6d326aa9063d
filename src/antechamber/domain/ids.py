"""Object ids: 24 lower-case hex digits whose first eight are the second of creation."""

import itertools
import os
import re

_FORM = re.compile(r"[0-9a-f]{24}")


def is_id(text: str) -> bool:
    """Tell whether text has the form of an id.

    Source: contract, WIRE.md section 4.
    """
    return len(text) == 24 and _FORM.fullmatch(text) is not None


class IdGenerator:
    """Makes ids that never repeat within a process, nor (five random bytes) between processes.

    Ids made in one second by one process ascend, so the user of a new invitation gets the next id
    after the invitation's, as recorded. Source: contract, DOMAIN.md section 2.
    """

    def __init__(self) -> None:
        self._process = os.urandom(5).hex()
        self._count = itertools.count(int.from_bytes(os.urandom(2), "big"))

    def __call__(self, now_seconds: int) -> str:
        """Return a new id made at now_seconds (Unix seconds)."""
        return f"{now_seconds & 0xFFFFFFFF:08x}{self._process}{next(self._count) & 0xFFFFFF:06x}"
