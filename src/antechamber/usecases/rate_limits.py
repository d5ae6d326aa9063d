"""What servers on one database tell each other about their token buckets."""

from collections.abc import Sequence

from antechamber.domain.rate_limits import Agreed, Taken
from antechamber.storage import rate_limits
from antechamber.storage.database import Transaction


async def exchange(tx: Transaction, taken: Sequence[Taken]) -> list[Agreed]:
    """Take down what one server took, and return the levels after what all of them took."""
    # In an order that all servers keep to, so that none waits for another in a circle.
    return [await rate_limits.take(tx, one) for one in sorted(taken, key=lambda one: one.key)]
