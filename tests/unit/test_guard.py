import socket
from typing import Any

import pytest

from etl.errors import Refused, Unreachable
from etl.guard import public_address


def resolves_to(*addresses: str) -> Any:
    return lambda host, port, type: [
        (socket.AF_INET, type, 6, "", (address, port)) for address in addresses
    ]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fec0::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
    ],
)
def test_a_numeric_host_that_is_not_public_is_refused_however_it_is_spelt(host: str) -> None:
    with pytest.raises(Refused):
        public_address(f"http://{host}/snapshot.jpg", ())


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "fd00::1"])
def test_a_name_that_resolves_to_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(Refused, match=r"kamera\.example:80 bukan alamat publik"):
        public_address("http://kamera.example/1.jpg", (), resolve=resolves_to(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused):
        public_address("https://a.example/", (), resolve=resolves_to("93.184.216.34", "::1"))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_a_public_address_may_be_asked(address: str) -> None:
    url = "https://kamera.example:8443/1.jpg"
    assert public_address(url, (), resolve=resolves_to(address)) == address


def test_a_host_that_is_allowed_by_name_may_be_private() -> None:
    for url, allowed in (
        ("http://127.0.0.1:8060/cameras/1/snapshot.jpg", "127.0.0.1:8060"),
        ("http://KAMERA.lan/1.jpg", "kamera.lan:80"),
        ("https://kamera.lan/1.jpg", "kamera.lan:443"),
    ):
        assert public_address(url, (allowed,)) is None


def test_an_allowed_host_allows_no_other_port() -> None:
    with pytest.raises(Refused, match="allowed_hosts"):
        public_address("http://127.0.0.1:5432/", ("127.0.0.1:8060",))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://kamera.example/1.jpg",
        "gopher://kamera.example/",
        "//kamera.example/1.jpg",
        "kamera.example/1.jpg",
        "",
        "http://",
        "http:///1.jpg",
        "http://kamera.example@127.0.0.1/",
        "http://kamera.example\\@127.0.0.1/",
        "http://kamera.example\t/1.jpg",
        "http://127.0.0.1\r\nHost: x/",
        "http://①②⑦.⓪.⓪.①/",
        "http://%31%32%37.0.0.1/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://kamera.example:port/",
        "http://kamera.example:99999/",
    ],
)
def test_a_url_that_two_parsers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        public_address(url, (), resolve=resolves_to("93.184.216.34"))


def test_a_host_without_an_address_is_unreachable_not_refused() -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unreachable, match="tidak dikenal"):
        public_address("http://kamera.invalid/1.jpg", (), resolve=unknown)


def test_a_host_with_an_empty_list_of_addresses_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="tidak dikenal"):
        public_address("http://kamera.example/1.jpg", (), resolve=resolves_to())
