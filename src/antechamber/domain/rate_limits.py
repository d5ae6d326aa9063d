"""Token buckets that several servers share: what one of them took, and what all of them agree upon."""

from dataclasses import dataclass

REFILL_SECONDS = 60
# By then every bucket is full again, and a row says nothing that its absence does not.
FORGET_SECONDS = 900

# The id of the endpoint set, and whose bucket it is.
BucketKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one server took from a bucket since it last told. refill: tokens in REFILL_SECONDS."""

    key: BucketKey
    taken: int
    capacity: int
    refill: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """The level of a bucket after all that was told, below zero where servers together took too much."""

    key: BucketKey
    level: float
