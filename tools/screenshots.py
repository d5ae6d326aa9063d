"""Take a picture of every page: three languages, light and dark, phone and desktop.

Usage: python tools/screenshots.py [FOLDER] [--only ja-dark-phone]   (default folder: build/screenshots)
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e import tour  # noqa: E402 - found by the line above
from tests.e2e.conftest import browser_path  # noqa: E402
from tests.e2e.desk import Desk  # noqa: E402

LANGUAGES = ("en", "zh", "ja")
SCHEMES = ("light", "dark")
WIDTHS = {"phone": 390, "desktop": 1280}
HEIGHT = 800


def take(page: Page, names: Iterator[str], folder: Path) -> int:
    """Picture each page at which the tour stops; return how many."""
    count = 0
    for name in names:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        count += 1
    return count


def main(folder: Path, only: str) -> None:
    """Start a server, fill it, and go past every page once a variant."""
    program = Path(sys.executable).with_name("antechamber")
    command = [str(program), "dev", "--port", "0", "--json", "--limit", "users-per-organization=2000"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        assert server.stdout is not None
        try:
            desk = Desk(json.loads(server.stdout.readline()))
            town = tour.furnish(desk)
            # Chromium's own sandbox does not work as root; containers are what it is used in then.
            browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
            for language, scheme, width in product(LANGUAGES, SCHEMES, WIDTHS):
                variant = f"{language}-{scheme}-{width}"
                if only and only not in variant:
                    continue
                place = folder / variant
                place.mkdir(parents=True, exist_ok=True)
                count = 0
                for tour_of in (
                    lambda page: tour.invited(page, desk, town),
                    lambda page: tour.console(page, desk, town),
                    tour.development,
                ):
                    context = browser.new_context(
                        base_url=desk.url,
                        locale=language,
                        color_scheme=scheme,  # type: ignore[arg-type]
                        viewport={"width": WIDTHS[width], "height": HEIGHT},
                    )
                    count += take(page := context.new_page(), tour_of(page), place)
                    context.close()
                print(f"{variant}: {count} pages", flush=True)
            browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "screenshots")
    parser.add_argument("--only", default="", help="a part of a variant's name, such as ja-dark")
    arguments = parser.parse_args()
    main(arguments.folder, arguments.only)
