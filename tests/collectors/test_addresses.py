from ipaddress import ip_address

import pytest

from monitor.collectors.addresses import is_not_link_local, is_public


@pytest.mark.parametrize(
    ("address", "public", "not_link_local"),
    [
        ("8.8.8.8", True, True),
        ("240e:390::1", True, True),
        ("10.1.2.3", False, True),
        ("172.16.0.1", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("::ffff:192.168.1.1", False, True),
        ("64:ff9b::10.0.0.1", False, True),
        ("2002:0a00:0001::1", False, True),
        ("0.0.0.0", False, False),  # noqa: S104
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
    ],
)
def test_an_address_is_judged_by_where_it_leads(address: str, public: bool, not_link_local: bool) -> None:
    assert (is_public(ip_address(address)), is_not_link_local(ip_address(address))) == (
        public,
        not_link_local,
    )
