"""Nothing on any page keeps somebody with a keyboard or a screen reader out, as far as axe-core can tell."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.e2e import tour
from tests.e2e.desk import Desk
from tests.e2e.tour import Town

pytestmark = pytest.mark.e2e

# The rules that WCAG 2.2 AA asks for, and what axe-core recommends besides.
OPTIONS = {"resultTypes": ["violations"]}
SERIOUS = frozenset({"serious", "critical"})


@pytest.fixture(scope="module")
def town(desk: Desk) -> Town:
    return tour.furnish(desk)


def findings(page: Page, pages: Iterator[str]) -> dict[str, list[str]]:
    """Return what is serious, by page."""
    found = {}
    axe = Axe()
    for name in pages:
        violations = axe.run(page, options=OPTIONS).response["violations"]
        serious = [
            f"{one['id']}: {node['html'][:200]}"
            for one in violations
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]
        if serious:
            found[name] = serious
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_a_serious_finding(
    desk: Desk, town: Town, person: Callable[..., Page], scheme: str, width: int
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    found = {
        **findings(guest := person(**options), tour.invited(guest, desk, town)),
        **findings(owner := person(**options), tour.console(owner, desk, town)),
        **findings(developer := person(**options), tour.development(developer)),
    }
    assert found == {}
