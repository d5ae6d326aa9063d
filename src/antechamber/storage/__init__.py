"""All SQL, and the transactions it runs in.

Lives here: statements and the functions around them, one file a noun; the engines; migrations.
May call: domain. Never: decides a rule, sees a request, returns a row.
"""
