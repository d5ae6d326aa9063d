"""Field types that several request bodies share. Source: SECURITY-MODEL "Limits"."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

Text = Annotated[str, Meta(max_length=1024)]
Id = Annotated[str, Meta(pattern="^[a-f0-9]{24}$")]
Roles = Annotated[list[Text], Meta(max_length=50)]
Ids = Annotated[list[Id], Meta(max_length=500)]

# What the schema shows but nobody can set: taken and ignored, so that a client may send back what it
# read (contract, DECISIONS.md 13; INV-6).
ReadOnly = Any | UnsetType
READ_ONLY = UNSET
