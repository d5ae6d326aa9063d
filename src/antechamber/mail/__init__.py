"""E-mail: what messages look like, and how they leave the house.

Lives here: one function an e-mail, its templates, SMTP, the folder. May call: domain. Never: a row, a
transaction, a setting, a decision whether something is sent.
"""
