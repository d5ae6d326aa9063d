"""The current generation, /api/atlas/v2: dated media types.

`routes/` has a row for every operation in every version; a row names its handler, one file a noun;
`shapes/` turns values into what the wire shows. Imports no other generation.
"""
