"""For the tests of whatever talks to Antechamber: a server, organizations of their own, mail and time.

Lives here: the development desk of `antechamber dev` as Python objects, and a pytest plugin around them.
May call: nothing of the server, which is a process of its own; the standard library alone does it all.
How to use it: docs/testing.md.
"""

from antechamber.testing.asking import Answer
from antechamber.testing.desk import Clock, Mail, Mailbox, NoMail, Problem
from antechamber.testing.server import Server
from antechamber.testing.tenants import ApiKey, Owner, ServiceAccount, Tenant

__all__ = [
    "Answer",
    "ApiKey",
    "Clock",
    "Mail",
    "Mailbox",
    "NoMail",
    "Owner",
    "Problem",
    "Server",
    "ServiceAccount",
    "Tenant",
]
