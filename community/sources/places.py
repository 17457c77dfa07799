"""Which network addresses may be dialled (pure)."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_REFUSED_4 = ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")
_REFUSED_6 = ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10")
_REFUSED: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, _REFUSED_4 + _REFUSED_6))


def refused(address: str) -> bool:
    """Whether `address` belongs to the own machine or network, or hides such a one inside of itself."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local:
        return True
    return any(ip in network for network in _REFUSED if network.version == ip.version)


def place(host: str, port: int) -> str:
    """`host:port` as the user's list of trusted places spells it; IPv6 without brackets."""
    return f"{host.strip('[]').lower()}:{port}"
