"""Who may ask: the rule by itself, for what cannot be sent over a loopback connection."""

from pathlib import Path

import pytest

from antechamber.control import guard
from antechamber.control.development import Development


def _development(url: str = "http://127.0.0.1:8080", *, is_exposed: bool = False) -> Development:
    return Development(url=url, mail_folder=Path(), snapshots=Path(), is_exposed=is_exposed)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may(address: str) -> None:
    assert (
        guard.refusal(_development(), method="GET", address=address, host="localhost:8080", headers={})
        is None
    )


@pytest.mark.parametrize(
    "address", ["203.0.113.7", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "", "somewhere"]
)
def test_inv11_another_machine_may_not_unless_dev_listens_for_it(address: str) -> None:
    def refusal(*, is_exposed: bool) -> str | None:
        development = _development(is_exposed=is_exposed)
        return guard.refusal(development, method="GET", address=address, host="127.0.0.1:8080", headers={})

    assert refusal(is_exposed=False) == "The development desk answers requests from this machine only."
    assert refusal(is_exposed=True) is None
