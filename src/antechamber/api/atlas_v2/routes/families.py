"""What rows of the operation table have in common."""

from functools import partial

from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Deprecation, Evidence, Operation

PAGING = ("pageNum", "itemsPerPage", "includeCount")

# Source: contract, WIRE.md section 3; neither date is written as RFC 1123 wants it.
SUNSET = "Thu, 1 Jul 2027 00:00:00 GMT"
SINCE_2025 = Deprecation("Wed, 19 Feb 2025 00:00:00 GMT", SUNSET)
SINCE_2023 = Deprecation("Wed, 4 Oct 2023 00:00:00 GMT", SUNSET)

of_2023 = partial(Operation, version="2023-01-01", evidence=Evidence.RECORDED)

organizations = partial(of_2023, tag="Organizations", endpoints=rate_limits.ORGANIZATIONS)
projects = partial(of_2023, tag="Projects", endpoints=rate_limits.PROJECTS)
