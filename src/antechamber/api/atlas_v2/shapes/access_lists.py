"""IP access lists on the wire. Source: contract, WIRE.md section 5."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from msgspec import UNSET, Meta, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, ReadOnly, Text
from antechamber.api.wire.errors import AddressAndBlock, MissingOneOfAttributes
from antechamber.api.wire.paging import Link
from antechamber.domain.access_lists import Entry
from antechamber.domain.errors import InvalidAddress


class ApiKeyEntryShape(Struct, rename="camel", kw_only=True):
    """An entry of a key's access list; when and from where it was used is there after the first use."""

    cidr_block: str
    count: int
    created: datetime
    ip_address: str | UnsetType = UNSET
    last_used: datetime | UnsetType = UNSET
    last_used_address: str | UnsetType = UNSET
    links: list[Link]


class ServiceAccountEntryShape(Struct, rename="camel", kw_only=True):
    """An entry of an account's access list; when and from where it was used is there after the first use."""

    cidr_block: str
    created_at: datetime
    ip_address: str | UnsetType = UNSET
    last_used_address: str | UnsetType = UNSET
    last_used_at: datetime | UnsetType = UNSET
    request_count: int


def api_key_entry(entry: Entry, list_url: str) -> ApiKeyEntryShape:
    """Return the shape of an entry, 2023-01-01. list_url: where the whole list is."""
    href = f"{list_url}/{quote(entry.address or entry.cidr_block, safe=':')}"
    return ApiKeyEntryShape(
        cidr_block=entry.cidr_block,
        count=entry.used_count,
        created=entry.created_at,
        ip_address=entry.address or UNSET,
        last_used=entry.last_used_at or UNSET,
        last_used_address=entry.last_used_address or UNSET,
        links=[Link(href, "self")],
    )


def service_account_entry(entry: Entry) -> ServiceAccountEntryShape:
    """Return the shape of an entry, 2024-08-05."""
    return ServiceAccountEntryShape(
        cidr_block=entry.cidr_block,
        created_at=entry.created_at,
        ip_address=entry.address or UNSET,
        last_used_address=entry.last_used_address or UNSET,
        last_used_at=entry.last_used_at or UNSET,
        request_count=entry.used_count,
    )


class ApiKeyEntryRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """An address or a CIDR block for a key's access list."""

    cidr_block: Text | None = None
    ip_address: Text | None = None


class ServiceAccountEntryRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """An address or a CIDR block for an account's access list."""

    cidr_block: Text | None = None
    ip_address: Text | None = None
    created_at: ReadOnly = READ_ONLY
    last_used_address: ReadOnly = READ_ONLY
    last_used_at: ReadOnly = READ_ONLY
    request_count: ReadOnly = READ_ONLY


EntryRequests = Sequence[ApiKeyEntryRequest] | Sequence[ServiceAccountEntryRequest]
# Source of the length: contract, createOrgServiceAccountAccessList.
ApiKeyEntryRequests = Annotated[list[ApiKeyEntryRequest], Meta(max_length=200)]
ServiceAccountEntryRequests = Annotated[list[ServiceAccountEntryRequest], Meta(max_length=200)]


def addresses(requested: EntryRequests) -> list[str]:
    """Return the addresses and blocks asked for.

    Raises AddressAndBlock, MissingOneOfAttributes; InvalidAddress for one that stands for the other.
    """
    return [_address(one.ip_address, one.cidr_block) for one in requested]


def _address(ip_address: str | None, cidr_block: str | None) -> str:
    if ip_address is not None and cidr_block is not None:
        raise AddressAndBlock
    text = ip_address if cidr_block is None else cidr_block
    if text is None:
        raise MissingOneOfAttributes("ipAddress", "cidrBlock")
    if ("/" in text) is (cidr_block is None):
        raise InvalidAddress(text)
    return text
