"""Everything anyone may ask: one function, one transaction; one file a noun.

Lives here: access, facts, rule, store, event, mail, in this order. May call: storage, auth, mail, domain.
Never: sees a request, a status code or a media type; sends anything anywhere.
"""
