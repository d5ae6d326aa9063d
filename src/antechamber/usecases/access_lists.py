"""The IP access list of one key or service account, whichever it is."""

from collections.abc import Sequence
from typing import NamedTuple

from antechamber.domain import access_lists, events
from antechamber.domain.access_lists import Entry
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    AccessListEntryNotFound,
    AddressAlreadyListed,
    CallersOwnAddress,
    RepeatedAddress,
    ResourceNotFound,
    TooManyAccessListEntries,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.policy import ACCESS_LIST_ENTRIES_PER_CREDENTIAL
from antechamber.storage import access_lists as stored
from antechamber.storage import events as trail
from antechamber.storage import limits
from antechamber.storage.database import Transaction


class Holder(NamedTuple):
    """Whose list it is, as its events tell.

    id: an API key's id or a service account's client id. Either public_key or client_id is set.
    project_id: the project through which the list is changed.
    """

    organization_id: str
    id: str
    public_key: str | None = None
    client_id: str | None = None
    project_id: str | None = None


async def page_of(tx: Transaction, holder: Holder, page: PageRequest) -> Page[Entry]:
    """Return a page of the list."""
    return await stored.page_of_principal(tx, holder.organization_id, holder.id, page)


async def find(tx: Transaction, holder: Holder, address: str) -> Entry:
    """Return the entry for an address or CIDR block.

    Raises InvalidAddress, AccessListEntryNotFound for a key, ResourceNotFound for an account.
    """
    block = access_lists.network(address)
    entry = await stored.find(tx, holder.organization_id, holder.id, block)
    if entry is None:
        if holder.public_key is None:
            raise ResourceNotFound(address)
        raise AccessListEntryNotFound(address, holder.id)
    return entry


async def add(
    tx: Transaction, caller: Caller, holder: Holder, addresses: Sequence[str], *, event: str
) -> None:
    """Add addresses and CIDR blocks; the organization is locked by now.

    Raises InvalidAddress, RepeatedAddress, AddressAlreadyListed, TooManyAccessListEntries.
    """
    blocks = [access_lists.network(address) for address in addresses]
    if len(set(blocks)) < len(blocks):
        raise RepeatedAddress
    most = await limits.limit(
        tx, holder.organization_id, holder.organization_id, ACCESS_LIST_ENTRIES_PER_CREDENTIAL
    )
    if await stored.count(tx, holder.organization_id, holder.id) + len(blocks) > most:
        raise TooManyAccessListEntries(str(most), holder.id)
    for block in blocks:
        if not await stored.insert(tx, holder.organization_id, holder.id, block):
            raise AddressAlreadyListed(block)
        await _record(tx, caller, holder, block, event)


async def remove(tx: Transaction, caller: Caller, holder: Holder, address: str, *, event: str) -> None:
    """Take an address or CIDR block off the list.

    Raises what `find` raises; CallersOwnAddress for the block of its own list that the caller asks from.
    Source: contract, DOMAIN.md section 7.
    """
    entry = await find(tx, holder, address)
    if caller.id == holder.id and access_lists.admits([entry.cidr_block], caller.address):
        raise CallersOwnAddress(caller.address)
    await stored.delete(tx, holder.organization_id, holder.id, entry.cidr_block)
    await _record(tx, caller, holder, entry.cidr_block, event)


async def _record(tx: Transaction, caller: Caller, holder: Holder, block: str, type_name: str) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=holder.organization_id,
            project_id=holder.project_id,
            target_public_key=holder.public_key,
            target_client_id=holder.client_id,
            access_list_entry=block,
            now=tx.now,
        ),
    )
