"""Watching what a process and its children connect to, by the system calls themselves.

strace sees every connection and every datagram, of whatever library: Python's, the loop's, the server's
and the resolver's.
"""

import re
import shutil
from pathlib import Path

_CALLS = "connect,sendto,sendmsg,sendmmsg"
# sockaddr of a call, as strace prints it.
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_LOOPBACK = re.compile(r"127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+")


def watched(command: list[str], log: Path) -> list[str]:
    """Return the command that runs another one and writes to a file what it sends, and where.

    Raises FileNotFoundError without strace.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise FileNotFoundError("strace is needed: install it as your system does (apt-get install strace)")
    return [strace, "-f", "-qq", "--seccomp-bpf", "-e", f"trace={_CALLS}", "-o", str(log), *command]


def addresses(log: str) -> set[str]:
    """Return the IP addresses that were sent to."""
    return {found[1] or found[2] for found in _ADDRESS.finditer(log)}


def left_the_machine(log: str) -> set[str]:
    """Return the addresses among them that are not this machine's own."""
    return {address for address in addresses(log) if not _LOOPBACK.fullmatch(address)}
