"""IP access lists."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.access_lists import admits, network
from antechamber.domain.errors import InvalidAddress

v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6).map(str).filter(lambda text: not text.startswith("::ffff:"))


@given(v4)
def test_a_single_address_is_kept_as_a_block_of_32(address: str) -> None:
    assert network(address) == f"{address}/32"


@given(st.one_of(v4, v6))
def test_inv28_an_address_is_admitted_by_its_own_entry_and_by_no_empty_list(address: str) -> None:
    assert admits([network(address)], address)
    assert not admits([], address)


@given(v4)
def test_inv28_an_ipv4_mapped_address_is_the_ipv4_address(address: str) -> None:
    assert admits([network(address)], f"::ffff:{address}")


@given(st.ip_addresses(v=4), st.integers(8, 31))
def test_inv28_a_block_admits_its_addresses_and_no_neighbour(ip: ipaddress.IPv4Address, length: int) -> None:
    block = network(f"{ip}/{length}")
    inside = ipaddress.ip_network(block)
    assert admits(["192.0.2.1/32", block], str(inside[0]))
    assert admits([block], str(inside[-1]))
    beyond = int(inside[-1]) + 1
    assert not admits([block], str(ipaddress.IPv4Address(beyond % 2**32)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("2001:db8::1/32", "2001:db8::/32"),
    ],
)
def test_a_block_is_kept_in_its_canonical_form(text: str, kept: str) -> None:
    assert network(text) == kept


@pytest.mark.parametrize(
    "text",
    ["", "x", "1", "1.2.3", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.04", "1.2.3.4 ", "::1/129", "1.2.3.4,5.6.7.8"],
)
def test_what_is_no_block_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        network(text)
    assert refused.value.facts == (text,)


@pytest.mark.parametrize("address", ["", "unknown", "203.0.113.7:80", "203.0.113.7,203.0.113.8"])
def test_inv28_what_is_no_address_is_never_admitted(address: str) -> None:
    assert not admits(["0.0.0.0/0", "::/0"], address)
