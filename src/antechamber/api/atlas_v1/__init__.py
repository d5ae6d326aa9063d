"""The older generation, /api/atlas/v1.0: plain JSON, no dates; thin doors over those of v2.

May call: atlas_v2, whose 2023-01-01 rows it serves, and what that may call. Never: a newer version of them.
"""
