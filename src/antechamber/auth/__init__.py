"""Credential protocols as arithmetic: what a credential looks like, and whether an answer fits.

Lives here: HTTP Digest, opaque bearer tokens, client credentials, API keys, passwords, and the sealing
of secrets at rest. May call: the domain, the standard library, `cryptography` and `argon2`.
Never: a database, an HTTP library, a clock (the time is an argument, Unix seconds), a setting, or a
decision about what a caller may do.
"""
