"""Reading query strings.

Source: contract, WIRE.md section 6; DECISIONS.md 15.
"""

from urllib.parse import parse_qsl, urlencode

from antechamber.api.wire.errors import InvalidQueryParameter
from antechamber.domain.paging import PageRequest

MOST_ITEMS_A_PAGE = 500
MOST_FIELDS = 100
_LARGEST_PAGE_NUMBER = 2**31 - 1


class Query:
    """The parameters of one request; an empty value counts as not given."""

    __slots__ = ("_pairs",)

    def __init__(self, raw: str) -> None:
        try:
            self._pairs = (
                parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
                if raw
                else []
            )
        except ValueError as error:
            raise InvalidQueryParameter(raw[:100]) from error
        for name, value in self._pairs:
            if not (name + value).isprintable():
                raise InvalidQueryParameter(name)

    def text(self, name: str) -> str | None:
        """Return the parameter's first value, None when absent or empty."""
        for key, value in self._pairs:
            if key == name:
                return value or None
        return None

    def texts(self, name: str) -> list[str]:
        """Return all values of a parameter that may be repeated, without empty ones."""
        return [value for key, value in self._pairs if key == name and value]

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean parameter. Raises InvalidQueryParameter."""
        value = self.text(name)
        if value is None:
            return default
        # In any case: clients in Python write True.
        if value.lower() not in ("true", "false"):
            raise InvalidQueryParameter(name)
        return value.lower() == "true"

    def page(self) -> PageRequest:
        """Return the page asked for: number from 1, 1 to 500 items. Raises InvalidQueryParameter."""
        return PageRequest(
            number=self._integer("pageNum", 1, _LARGEST_PAGE_NUMBER),
            size=self._integer("itemsPerPage", 100, MOST_ITEMS_A_PAGE),
        )

    def others(self) -> str:
        """Return everything but paging, encoded again, in the order sent."""
        kept = [pair for pair in self._pairs if pair[0] not in ("pageNum", "itemsPerPage")]
        return urlencode(kept)

    def _integer(self, name: str, default: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()) or not 1 <= int(value[:11]) <= most:
            raise InvalidQueryParameter(name)
        return int(value)


NO_QUERY = Query("")
