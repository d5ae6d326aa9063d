"""Cloud Manager's and Ops Manager's generation, /api/public/v1.0: thin doors over those of atlas_v1.

Invitations have shapes of their own here; creating answers 201; the project roles are more.
May call: atlas_v1 and atlas_v2, and what these may call. Never: a rule of its own.
"""
