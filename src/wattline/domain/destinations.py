"""Which addresses on the network we call when somebody else gave us the URL.

A webhook URL is a stranger's text: without this rule it could make us knock on our own database, a router or the
cloud's metadata address. Only public addresses pass; development settings open this machine or private networks.
"""

from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# The IANA special-purpose registries, as far as nothing public lives there. Written out instead of asking
# `ipaddress.is_global`, whose answer changed between Python versions and lets multicast through.
THIS_MACHINE_V4 = IPv4Network("127.0.0.0/8")
PRIVATE_V4 = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
NEVER_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
THIS_MACHINE_V6 = IPv6Network("::1/128")
PRIVATE_V6 = IPv6Network("fc00::/7")
PUBLIC_V6 = IPv6Network("2000::/3")
NEVER_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# An IPv4 address in an IPv6 coat: written by hand to get round a filter, or by a NAT64 network in good faith.
COATS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


class Reach(IntEnum):
    """How far into our own surroundings a call may go; each step includes the ones before."""

    PUBLIC = 0
    THIS_MACHINE = 1
    PRIVATE_NETWORKS = 2


def may_call(address: str, *, reach: Reach) -> bool:
    """Tell whether we may open a connection to this IP address. Raises ValueError when it is none."""
    needed = reach_needed(address)
    return needed is not None and needed <= reach


def reach_needed(address: str) -> Reach | None:
    """Tell how far a call must be allowed to go to get to this address; None when it never may."""
    # A zone ("fe80::1%eth0") only makes sense on this machine's own links.
    bare = undress(ip_address(address.partition("%")[0]))
    if isinstance(bare, IPv4Address):
        if bare in THIS_MACHINE_V4:
            return Reach.THIS_MACHINE
        if any(bare in network for network in PRIVATE_V4):
            return Reach.PRIVATE_NETWORKS
        return None if any(bare in network for network in NEVER_V4) else Reach.PUBLIC
    if bare in THIS_MACHINE_V6:
        return Reach.THIS_MACHINE
    if bare in PRIVATE_V6:
        return Reach.PRIVATE_NETWORKS
    return Reach.PUBLIC if bare in PUBLIC_V6 and not any(bare in network for network in NEVER_V6) else None


def undress(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Take an IPv4 address out of the IPv6 address that carries it."""
    if isinstance(address, IPv6Address) and any(address in coat for coat in COATS):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
