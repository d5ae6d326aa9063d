"""MongoDB Cloud users: people, known by an e-mail address that never changes, and where they belong."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from antechamber.domain.errors import (
    CannotRemoveAllRoles,
    FirstNameTooLong,
    InvalidAttribute,
    InvalidCountryCode,
    LastNameTooLong,
    MissingAttribute,
)
from antechamber.domain.invitations import Invitation, ProjectRole, State

NAME_CHARACTERS = 64
_MOBILE_NUMBER_CHARACTERS = 32
_MOBILE_NUMBER = frozenset("0123456789+-.() ")
# The officially assigned codes of ISO 3166-1 alpha-2.
_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())


@dataclass(frozen=True, slots=True)
class User:
    """One account. It exists from the first invitation on; names are empty until the person has joined.

    is_verified: the address is known to belong to the person (INV-12).
    """

    id: str
    username: str
    created_at: datetime
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    last_auth_at: datetime | None = None
    mobile_number: str = ""
    is_verified: bool = False


class Status(StrEnum):
    """How somebody stands to an organization. Source: contract, DOMAIN.md "What the users API shows"."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INVITATION_EXPIRED = "INVITATION_EXPIRED"
    INVITATION_REJECTED = "INVITATION_REJECTED"


# What is shown when nothing else is asked for.
SHOWN = frozenset({Status.ACTIVE, Status.PENDING})


@dataclass(frozen=True, slots=True)
class OrganizationUser:
    """A person of an organization: a member, or somebody whom an invitation to it names.

    roles: on the organization. project_roles: direct ones. Of somebody who is not a member all three say
    what acceptance would grant. account: of a member. invitation: of everybody else.
    """

    id: str
    username: str
    status: Status
    roles: tuple[str, ...]
    team_ids: tuple[str, ...]
    project_roles: tuple[ProjectRole, ...]
    account: User | None = None
    invitation: Invitation | None = None

    def roles_on(self, project_id: str) -> tuple[str, ...]:
        """Return the direct roles on a project, empty for none."""
        return tuple(held.role for held in self.project_roles if held.project_id == project_id)


@dataclass(frozen=True, slots=True)
class ProjectUser:
    """A person of a project, with the project roles that the question asked for."""

    person: OrganizationUser
    roles: tuple[str, ...]


def invited(invitation: Invitation, now: datetime) -> OrganizationUser:
    """Return the person whom an invitation to an organization names, as the users API shows them.

    Source: contract, DOMAIN.md "Re-inviting" and "What the users API shows".
    """
    if invitation.is_pending(now):
        status = Status.PENDING
    elif invitation.state is State.REJECTED:
        status = Status.INVITATION_REJECTED
    else:
        status = Status.INVITATION_EXPIRED
    return OrganizationUser(
        id=invitation.user_id,
        username=invitation.username,
        status=status,
        roles=invitation.roles,
        team_ids=invitation.team_ids,
        project_roles=invitation.project_roles,
        invitation=invitation,
    )


def with_role(held: tuple[str, ...], role: str) -> tuple[str, ...]:
    """Return the roles and this one, which may be among them."""
    return held if role in held else (*held, role)


def without_role(held: tuple[str, ...], role: str) -> tuple[str, ...]:
    """Return the roles but this one, which may be missing. Raises CannotRemoveAllRoles.

    Source: contract, removeOrgUserRole and removeGroupUserRole.
    """
    kept = tuple(one for one in held if one != role)
    if not kept:
        raise CannotRemoveAllRoles
    return kept


def with_project_roles(
    held: Iterable[ProjectRole], project_id: str, roles: Iterable[str]
) -> tuple[ProjectRole, ...]:
    """Return the project roles with exactly these on one project; none takes the project out."""
    others = (one for one in held if one.project_id != project_id)
    return (*others, *(ProjectRole(project_id, role) for role in roles))


def first_name(text: str) -> str:
    """Return the name as it is kept. Raises MissingAttribute, FirstNameTooLong."""
    kept = unicodedata.normalize("NFC", text).strip()
    if not kept:
        raise MissingAttribute("firstName")
    if len(kept) > NAME_CHARACTERS:
        raise FirstNameTooLong(str(NAME_CHARACTERS))
    return kept


def last_name(text: str) -> str:
    """Return the name as it is kept. Raises MissingAttribute, LastNameTooLong."""
    kept = unicodedata.normalize("NFC", text).strip()
    if not kept:
        raise MissingAttribute("lastName")
    if len(kept) > NAME_CHARACTERS:
        raise LastNameTooLong(str(NAME_CHARACTERS))
    return kept


def country(code: str) -> str:
    """Return the ISO 3166-1 alpha-2 code. Raises InvalidCountryCode."""
    if code not in COUNTRIES:
        raise InvalidCountryCode(code)
    return code


def mobile_number(text: str) -> str:
    """Return the number, empty for none. Raises InvalidAttribute.

    Any country's is taken: the published pattern knows those of North America only.
    """
    kept = text.strip()
    if len(kept) > _MOBILE_NUMBER_CHARACTERS or not _MOBILE_NUMBER.issuperset(kept):
        raise InvalidAttribute("mobileNumber")
    return kept
