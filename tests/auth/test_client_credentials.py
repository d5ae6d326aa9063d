"""Client credentials: the Basic header as clients write it, ids and secrets as they are made and shown."""

import base64
import hashlib
import re
from urllib.parse import quote, quote_plus

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPBasicAuth

from antechamber.auth.client_credentials import (
    HEADER_LIMIT,
    fingerprint,
    mask,
    new_client_id,
    new_secret,
    parse_basic,
)

ACCOUNT_ID = "64d3a1b2c3d4e5f607182930"
CLIENT_ID = f"mdb_sa_id_{ACCOUNT_ID}"


def basic(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return "Basic " + base64.b64encode(raw).decode()


def test_the_example_of_rfc_7617_section_2_is_read() -> None:
    assert parse_basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == ("Aladdin", "open sesame")


def test_the_example_of_rfc_6749_section_2_3_1_is_read() -> None:
    assert parse_basic("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3") == (
        "s6BhdRkqt3",
        "7Fjfp0ZBr1KtDRbnfVdmIw",
    )


def test_new_credentials_are_read_raw_and_escaped_alike() -> None:
    secret = new_secret()
    assert parse_basic(basic(f"{CLIENT_ID}:{secret}")) == (CLIENT_ID, secret)
    assert parse_basic(basic(f"{quote_plus(CLIENT_ID)}:{quote_plus(secret)}")) == (CLIENT_ID, secret)


def test_the_requests_library_is_understood() -> None:
    request = requests.Request(
        "POST", "http://antechamber.test/", auth=HTTPBasicAuth(CLIENT_ID, "mdb_sa_sk_x")
    )
    assert parse_basic(str(request.prepare().headers["Authorization"])) == (CLIENT_ID, "mdb_sa_sk_x")


visible = st.text(st.characters(min_codepoint=32, max_codepoint=126))


@given(visible, visible)
def test_every_escaped_pair_comes_back(client_id: str, secret: str) -> None:
    assert parse_basic(basic(f"{quote(client_id, safe='')}:{quote(secret, safe='')}")) == (client_id, secret)


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        ("bAsIc YTpi", ("a", "b")),
        ("Basic   YTpi ", ("a", "b")),
        (basic("a:b:c"), ("a", "b:c")),
        (basic("a:"), ("a", "")),
        (basic(":b"), ("", "b")),
        (basic("a%3Ab:c"), ("a:b", "c")),
        (basic("a:100%"), ("a", "100%")),
        (basic("a:b+c"), ("a", "b+c")),
    ],
)
def test_an_unusual_header_is_read(header: str, pair: tuple[str, str]) -> None:
    assert parse_basic(header) == pair


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "BasicYTpi",
        "Bearer YTpi",
        "Digest YTpi",
        "Basic YTp",
        "Basic YTpi=",
        "Basic YTpi====",
        "Basic YTp=",
        "Basic YT==pi==",
        "Basic YTpi\n",
        "Basic YTpiYw",
        "Basic YT pi",
        "Basic YTpi,",
        "Basic _-__",
        "Basic YTp\u0456",
        basic("no colon"),
        basic("a%3Ab"),
        basic("a:b\x00"),
        basic("a:b\n"),
        basic("a:b%00"),
        basic("a%0A:b"),
        basic("a:b%7F"),
        basic("a:é"),
        basic("a:%C3%A9"),
        basic("a:%ED%A0%80"),
        basic(b"a:\xff"),
        basic("a:" + "b" * HEADER_LIMIT),
    ],
)
def test_a_header_with_a_fault_gives_nothing(header: str) -> None:
    assert parse_basic(header) is None


@given(st.one_of(st.text(), st.text().map(lambda text: "Basic " + text), st.binary().map(basic)))
def test_no_header_makes_the_parser_fail(header: str) -> None:
    pair = parse_basic(header)
    assert pair is None or all(half.isascii() for half in pair)


def test_a_client_id_has_the_form_of_the_contract() -> None:
    assert re.fullmatch(r"mdb_sa_id_[a-fA-F\d]{24}", new_client_id(ACCOUNT_ID))


def test_a_secret_has_256_random_bits_behind_its_prefix() -> None:
    secrets = {new_secret() for _ in range(1_000)}
    assert len(secrets) == 1_000
    assert all(re.fullmatch(r"mdb_sa_sk_[0-9A-Za-z_-]{43}", secret) for secret in secrets)


def test_inv24_a_masked_secret_shows_its_last_four_characters_only() -> None:
    secret = new_secret()
    assert mask(secret) == "mdb_sa_sk_" + "*" * 39 + secret[-4:]
    assert len(mask(secret)) == len(secret)


def test_inv24_a_secret_is_stored_as_its_sha256() -> None:
    secret = new_secret()
    assert fingerprint(secret) == hashlib.sha256(secret.encode()).digest()
    assert len(fingerprint("\ud800")) == 32
