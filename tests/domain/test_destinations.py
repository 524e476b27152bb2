"""Which addresses a webhook may lead to."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.destinations import Reach, may_call, undress

PUBLIC = ["1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "2606:4700:4700::1111", "64:ff9b::101:101"]
OUR_OWN = ["127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:127.0.0.1"]
NEVER = [
    "0.0.0.0",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:db8::1",
    "::7f00:1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str) -> None:
    assert may_call(address, reach=Reach.PUBLIC)
    assert may_call(address, reach=Reach.PRIVATE_NETWORKS)


@pytest.mark.parametrize("address", OUR_OWN)
def test_this_machine_and_private_networks_are_called_in_development_only(address: str) -> None:
    assert not may_call(address, reach=Reach.PUBLIC)
    assert may_call(address, reach=Reach.PRIVATE_NETWORKS)


def test_the_demo_reaches_this_machine_but_not_the_network_around_it() -> None:
    assert may_call("127.0.0.1", reach=Reach.THIS_MACHINE)
    assert may_call("::1", reach=Reach.THIS_MACHINE)
    assert not may_call("192.168.1.1", reach=Reach.THIS_MACHINE)
    assert not may_call("fd00::1", reach=Reach.THIS_MACHINE)


@pytest.mark.parametrize("address", NEVER)
def test_metadata_links_and_multicast_are_never_called(address: str) -> None:
    assert not may_call(address, reach=Reach.PUBLIC)
    assert not may_call(address, reach=Reach.PRIVATE_NETWORKS)


@given(st.ip_addresses())
def test_whatever_python_calls_special_is_not_called(address: IPv4Address | IPv6Address) -> None:
    bare = undress(address)
    special = bare.is_private or bare.is_loopback or bare.is_link_local or bare.is_multicast
    if special or bare.is_reserved or bare.is_unspecified:
        assert not may_call(str(address), reach=Reach.PUBLIC)


@given(st.ip_addresses(v=4), st.sampled_from(Reach))
def test_an_ipv6_coat_changes_nothing(address: IPv4Address, reach: Reach) -> None:
    plain = may_call(str(address), reach=reach)
    for coat in ("::ffff:0:0", "64:ff9b::"):
        coated = IPv6Address(int(ip_address(coat)) | int(address))
        assert may_call(str(coated), reach=reach) == plain


@given(st.ip_addresses(v=4))
def test_an_old_transition_address_is_never_called(address: IPv4Address) -> None:
    six_to_four = IPv6Address(0x2002 << 112 | int(address) << 80)
    compatible = IPv6Address(int(address))
    assert not may_call(str(six_to_four), reach=Reach.PUBLIC)
    assert compatible == IPv6Address("::1") or not may_call(str(compatible), reach=Reach.PRIVATE_NETWORKS)


def test_text_that_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        may_call("nonsense", reach=Reach.PRIVATE_NETWORKS)
