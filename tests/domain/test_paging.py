"""Pages of lists."""

from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.paging import PageRequest


@given(st.integers(0, 300), st.integers(1, 50))
def test_the_pages_of_a_list_hold_every_item_once(total: int, size: int) -> None:
    items = list(range(total))
    requests = [PageRequest(number, size) for number in range(1, total // size + 2)]
    assert [item for page in requests for item in items[page.offset : page.offset + page.size]] == items


def test_the_first_page_of_a_hundred_is_the_default() -> None:
    assert (PageRequest().offset, PageRequest().size) == (0, 100)
