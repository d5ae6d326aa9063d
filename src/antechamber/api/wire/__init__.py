"""What all generations of the API share on the wire: bodies, errors, versions, paging, limits.

May call: domain, for the values it shows. Never: a use case.
"""
