"""HTTP Digest: the published vectors, every reason to refuse an answer, nonces, replay, a foreign client."""

import base64
from random import Random
from urllib.parse import quote, unquote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from requests.auth import HTTPDigestAuth

from antechamber.auth.digest import (
    CLOCK_SKEW_SECONDS,
    DUMMY_HA1,
    HEADER_LIMIT,
    Answer,
    InvalidAnswer,
    Nonces,
    NonceState,
    NonceWindows,
    challenge,
    ha1,
    matches,
    parse,
    same_target,
)

NOW = 1_760_000_000.25
KEY = bytes(range(32))
NONCE = "aO1nHwAAAAAAAAAAAAAAAAAAAAAAAAAA"

DIRECTIVES = {
    "username": '"abcdefgh"',
    "realm": '"MMS Public API"',
    "nonce": f'"{NONCE}"',
    "uri": '"/api/atlas/v2/orgs?pretty=true"',
    "response": '"6629fae49393a05397450978507c4ef1"',
    "algorithm": '"MD5"',
    "qop": "auth",
    "nc": "0000001f",
    "cnonce": '"0a4f113b"',
}


def header(**changes: str | None) -> str:
    directives = DIRECTIVES | changes
    return "Digest " + ", ".join(f"{name}={value}" for name, value in directives.items() if value is not None)


# The arithmetic


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_section_3_9_1_match(algorithm: str, response: str) -> None:
    secret = ha1("Mufasa", "Circle of Life", algorithm, realm="http-auth@example.org")
    answer = Answer(
        username="Mufasa",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        uri="/dir/index.html",
        response=response,
        algorithm=algorithm,
        nc=1,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        qop="auth",
    )
    assert matches(answer, secret, "GET")
    assert not matches(answer, secret, "POST")


def test_the_example_of_rfc_2617_section_3_5_matches() -> None:
    answer = Answer(
        username="Mufasa",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        uri="/dir/index.html",
        response="6629fae49393a05397450978507c4ef1",
        algorithm="MD5",
        nc=1,
        cnonce="0a4f113b",
        qop="auth",
    )
    assert matches(answer, ha1("Mufasa", "Circle Of Life", realm="testrealm@host.com"), "GET")


def test_ha1_is_of_the_realm_that_clients_are_told() -> None:
    assert ha1("abcdefgh", "key") == ha1("abcdefgh", "key", "MD5", realm="MMS Public API")
    assert len(ha1("abcdefgh", "key")) == 32
    assert len(ha1("abcdefgh", "key", "SHA-256")) == 64


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"},
        {"uri": "/another"},
        {"nc": 2},
        {"cnonce": "another"},
        {"response": "0" * 32},
        {"response": "0" * 64},
        {"response": ""},
    ],
)
def test_an_answer_changed_on_its_way_does_not_match(algorithm: str, change: dict[str, str | int]) -> None:
    answer = requests_answer(algorithm)
    assert matches(answer, ha1("abcdefgh", "private", algorithm), "GET")
    assert not matches(answer._replace(**change), ha1("abcdefgh", "private", algorithm), "GET")  # type: ignore[arg-type]


def test_inv26_an_unknown_key_costs_the_same_arithmetic_and_never_matches() -> None:
    answer = requests_answer("MD5")
    assert len(DUMMY_HA1) == len(ha1("abcdefgh", "private"))
    assert set(DUMMY_HA1) <= set("0123456789abcdef")
    assert not matches(answer, DUMMY_HA1, "GET")


def test_inv24_an_answer_does_not_show_its_response() -> None:
    assert "6629fae49393a05397450978507c4ef1" not in repr(parse(header()))


# The challenge


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            challenge(NONCE),
            (
                f'Digest realm="MMS Public API", domain="", nonce="{NONCE}", '
                'algorithm=MD5, qop="auth", stale=false'
            ),
        ),
        (
            challenge(NONCE, stale=True, algorithm="SHA-256"),
            (
                f'Digest realm="MMS Public API", domain="", nonce="{NONCE}", '
                'algorithm=SHA-256, qop="auth", stale=true'
            ),
        ),
    ],
)
def test_a_challenge_is_written_as_recorded(value: str, expected: str) -> None:
    assert value == expected


# Reading an answer


def test_an_answer_is_read_into_its_parts() -> None:
    assert parse(header()) == Answer(
        username="abcdefgh",
        nonce=NONCE,
        uri="/api/atlas/v2/orgs?pretty=true",
        response="6629fae49393a05397450978507c4ef1",
        algorithm="MD5",
        nc=31,
        cnonce="0a4f113b",
        qop="auth",
    )


@pytest.mark.parametrize(
    "spelling",
    [
        header(algorithm="MD5", qop='"auth"', nc='"0000001f"', username="abcdefgh"),
        header(algorithm=None),
        header(algorithm="md5"),
        header(opaque='"x, y=z"', userhash="false", charset="UTF-8"),
        header(opaque='""'),
        header(opaque=r'"a \"quoted\" one, \\"'),
        header(username=r'"ab\cdefgh"'),
        header().replace("Digest ", "dIGEST   "),
        header().replace("username=", "UserName="),
        header().replace(", ", ","),
        header().replace(", ", " \t,\t ,, "),
        header().replace("=", " = ", 1),
        header() + " ",
        header() + ",",
    ],
)
def test_another_spelling_is_the_same_answer(spelling: str) -> None:
    assert parse(spelling) == parse(header())


def test_escapes_and_commas_inside_quotes_belong_to_the_value() -> None:
    answer = parse(header(cnonce=r'"a,b=\"c\\d\", nc=00000002"'))
    assert answer.cnonce == r'a,b="c\d", nc=00000002'
    assert answer.nc == 31


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        *((header(**{name: None}), f"'{name}' is missing") for name in DIRECTIVES if name != "algorithm"),
        (header(realm='"mms public api"'), "not offered"),
        (header(realm='""'), "not offered"),
        (header(algorithm="MD5-sess"), "not offered"),
        (header(algorithm="SHA-512-256"), "not offered"),
        (header(algorithm='""'), "not offered"),
        (header(qop="auth-int"), "not offered"),
        (header(qop="AUTH"), "not offered"),
        (header(qop='"auth,auth-int"'), "not offered"),
        (header(cnonce='""'), "cnonce is empty"),
        (header() + ", nc=0000001f", "repeated"),
        (header() + ", NC=00000002", "repeated"),
        (header() + ", opaque=a, opaque=b", "repeated"),
        (header(nc="00000000"), "nc is not"),
        (header(nc="1"), "nc is not"),
        (header(nc="000000001"), "nc is not"),
        (header(nc="+0000001"), "nc is not"),
        (header(nc="0x000001"), "nc is not"),
        (header(nc="0000_001"), "nc is not"),
        (header(nc="0000001g"), "nc is not"),
        (header(nc="0000001F"), "nc is not"),
        (header(nc='" 0000001"'), "nc is not"),
        (header(nc='""'), "nc is not"),
        (header(nc='"-0000001"'), "nc is not"),
        ("Digest", "scheme"),
        ("Digests " + header()[7:], "scheme"),
        ("Basic dXNlcjpwYXNz", "scheme"),
        ("", "scheme"),
        ("Digest ", "malformed"),
        ("Digest  \t", "malformed"),
        ("Digest ,", "malformed"),
        ("Digest username", "malformed"),
        (header() + ' "', "malformed"),
        (header() + "; stale=false", "malformed"),
        (header() + " stale=false", "malformed"),
        (header(cnonce='"unclosed'), "malformed"),
        (header(cnonce='"unclosed\\"'), "malformed"),
        (header(cnonce="/token"), "malformed"),
        (header(cnonce=""), "malformed"),
        (header(username='"abcdefg\x00"'), "malformed"),
        (header(username='"abcdefg\\\x00"'), "malformed"),
        (header(username='"abcdefgé"'), "malformed"),
        (header(username='"abcdefg\ud800"'), "malformed"),
        (header(username='"abc\r\nX: y"'), "malformed"),
        (header() + "\n", "malformed"),
        (header(opaque='"' + "x" * HEADER_LIMIT + '"'), "too long"),
    ],
)
def test_an_answer_with_a_fault_is_refused(changed: str, reason: str) -> None:
    with pytest.raises(InvalidAnswer, match=reason):
        parse(changed)


def test_a_header_of_exactly_the_limit_is_read() -> None:
    room = HEADER_LIMIT - len(header(opaque='""'))
    assert parse(header(opaque='"' + "x" * room + '"')) == parse(header())
    with pytest.raises(InvalidAnswer, match="too long"):
        parse(header(opaque='"' + "x" * (room + 1) + '"'))


@given(st.one_of(st.text(), st.text('",=\\ ,abcnd0', max_size=80)).map(lambda text: "Digest " + text))
def test_no_text_makes_the_parser_fail_in_another_way(text: str) -> None:
    with pytest.raises(InvalidAnswer):
        parse(text)


visible = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)


@given(username=visible, uri=visible, cnonce=visible, opaque=visible, order=st.randoms())
def test_any_quoted_value_comes_back_as_it_was_in_any_order(
    username: str, uri: str, cnonce: str, opaque: str, order: Random
) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'

    changed = DIRECTIVES | {
        "username": quoted(username),
        "uri": quoted(uri),
        "cnonce": quoted(cnonce),
        "opaque": quoted(opaque),
    }
    names = list(changed)
    order.shuffle(names)
    answer = parse("Digest " + ",".join(f"{name}={changed[name]}" for name in names))
    assert (answer.username, answer.uri, answer.cnonce) == (username, uri, cnonce)


@given(st.integers(1, 2**32 - 1))
def test_every_count_of_eight_digits_is_read(count: int) -> None:
    assert parse(header(nc=f"{count:08x}")).nc == count


@pytest.mark.parametrize(
    "filling", ['"', "\\", 'a="', "a=b ", 'a="\\', ",", "a", " ", "\t=", 'a="b",', 'a="b" "c"']
)
def test_inv30_a_hostile_header_is_refused_in_linear_time(filling: str) -> None:
    # Were it quadratic, two thousand of these would outlast any patience.
    text = "Digest " + filling * ((HEADER_LIMIT - 7) // len(filling))
    for _ in range(2_000):
        with pytest.raises(InvalidAnswer):
            parse(text)


# The target


@pytest.mark.parametrize(
    ("uri", "path", "query"),
    [
        ("/api", "/api", ""),
        ("/api?", "/api", ""),
        ("/api?a=1&b=%20", "/api", "a=1&b=%20"),
        ("/a?b?c", "/a", "b?c"),
        ("/users/byName/a%40b.example", "/users/byName/a@b.example", ""),
        ("/users/byName/a@b.example", "/users/byName/a@b.example", ""),
        ("/caf%C3%A9", "/café", ""),
        ("/%2541", "/%41", ""),
    ],
)
def test_a_uri_names_the_target(uri: str, path: str, query: str) -> None:
    assert same_target(uri, path, query)


@pytest.mark.parametrize(
    ("uri", "path", "query"),
    [
        ("/api", "/apis", ""),
        ("/api", "/api", "a=1"),
        ("/api?a=1", "/api", ""),
        ("/api?a=%41", "/api", "a=A"),
        ("/api?a=1&b=2", "/api", "b=2&a=1"),
        ("/API", "/api", ""),
        ("/api/", "/api", ""),
        ("/%41", "/%41", ""),
        ("/api%3Fa=1", "/api", "a=1"),
        ("http://host/api", "/api", ""),
        ("*", "/api", ""),
        ("", "/", ""),
    ],
)
def test_another_uri_does_not_name_the_target(uri: str, path: str, query: str) -> None:
    assert not same_target(uri, path, query)


@given(path=st.text(st.characters(exclude_categories=["Cs"])), query=st.text())
def test_a_quoted_path_names_itself(path: str, query: str) -> None:
    assert same_target(f"{quote(path)}?{query}", path, query)


# Nonces

times = st.floats(1, 2**32 - 1)


@given(st.binary(min_size=16, max_size=64), times)
def test_a_nonce_is_32_base64_characters_and_fresh(key: bytes, now: float) -> None:
    nonce = Nonces(key).mint(now)
    assert len(nonce) == 32
    assert len(base64.b64decode(nonce, validate=True)) == 24
    assert Nonces(key).check(nonce, now) is NonceState.FRESH


def test_two_nonces_of_one_instant_differ() -> None:
    nonces = Nonces(KEY)
    assert len({nonces.mint(NOW) for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    ("later_seconds", "state"),
    [
        (0, NonceState.FRESH),
        (299, NonceState.FRESH),
        (299.99, NonceState.FRESH),
        (300, NonceState.STALE),
        (1_000_000_000, NonceState.STALE),
        (-CLOCK_SKEW_SECONDS, NonceState.FRESH),
        (-CLOCK_SKEW_SECONDS - 1, NonceState.FORGED),
        (-1_000_000_000, NonceState.FORGED),
    ],
)
def test_a_nonce_ages_into_stale_and_never_comes_from_the_future(
    later_seconds: float, state: NonceState
) -> None:
    made = int(NOW)
    assert Nonces(KEY).check(Nonces(KEY).mint(made), made + later_seconds) is state


def test_the_lifetime_is_the_one_given() -> None:
    nonces = Nonces(KEY, lifetime_seconds=10)
    nonce = nonces.mint(NOW)
    assert nonces.check(nonce, NOW + 9) is NonceState.FRESH
    assert nonces.check(nonce, NOW + 10) is NonceState.STALE


def test_a_nonce_of_another_key_is_forged_however_old() -> None:
    nonce = Nonces(b"k" * 32).mint(NOW)
    assert Nonces(KEY).check(nonce, NOW) is NonceState.FORGED
    assert Nonces(KEY).check(nonce, NOW + 1_000) is NonceState.FORGED


@given(st.integers(0, 24 * 8 - 1))
def test_a_nonce_with_one_bit_changed_is_forged(bit: int) -> None:
    raw = int.from_bytes(base64.b64decode(Nonces(KEY).mint(NOW)), "big")
    changed = base64.b64encode((raw ^ 1 << bit).to_bytes(24, "big")).decode()
    assert Nonces(KEY).check(changed, NOW) is NonceState.FORGED


@given(
    st.one_of(st.text(), st.text(min_size=32, max_size=32), st.text("Az09+/=-_ é", min_size=32, max_size=32))
)
def test_any_other_text_is_forged(text: str) -> None:
    assert Nonces(KEY).check(text, NOW) is NonceState.FORGED


def test_inv27_a_nonce_has_one_spelling_only() -> None:
    """A second spelling would be a second row for the same (nonce, nc)."""
    nonce = Nonces(KEY).mint(NOW)
    urlsafe = nonce[:31] + ("-" if nonce[31] != "-" else "_")
    for other in (
        nonce + "=",
        " " + nonce,
        nonce + "\n",
        nonce[:31] + "\n",
        nonce[:16] + "*" + nonce[16:],
        urlsafe,
    ):
        assert Nonces(KEY).check(other, NOW) is NonceState.FORGED


@pytest.mark.parametrize("key", [b"", b"k" * 15, b"k" * 65])
def test_a_nonce_key_that_protects_nothing_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        Nonces(key)


# Replay of reads


@given(st.permutations(list(range(1, 65))))
def test_inv27_counts_in_any_order_are_accepted_once_within_the_window(counts: list[int]) -> None:
    windows = NonceWindows()
    assert all(windows.accept(NONCE, count) for count in counts)
    assert not any(windows.accept(NONCE, count) for count in counts)


@given(st.lists(st.one_of(st.integers(1, 200), st.integers(1, 2**32 - 1)), max_size=200))
def test_inv27_a_window_agrees_with_a_set_that_forgets_nothing(counts: list[int]) -> None:
    windows, seen = NonceWindows(), set[int]()
    for count in counts:
        expected = count not in seen and (not seen or count > max(seen) - 64)
        assert windows.accept(NONCE, count) is expected
        if expected:
            seen.add(count)


@pytest.mark.parametrize(
    ("highest", "late", "accepted"), [(100, 37, True), (100, 36, False), (2**32 - 1, 1, False)]
)
def test_inv27_a_count_older_than_the_window_is_refused(highest: int, late: int, accepted: bool) -> None:
    windows = NonceWindows()
    assert windows.accept(NONCE, 1)
    assert windows.accept(NONCE, highest)
    assert windows.accept(NONCE, late) is accepted


def test_inv27_every_nonce_has_a_window_of_its_own() -> None:
    windows = NonceWindows()
    assert windows.accept("a", 1)
    assert windows.accept("b", 1)
    assert not windows.accept("a", 1)


def test_inv30_only_the_nonce_longest_unused_is_forgotten() -> None:
    windows = NonceWindows(capacity=2)
    for nonce in ("a", "b", "a", "c"):
        windows.accept(nonce, 1)
    assert not windows.accept("a", 1)
    assert not windows.accept("c", 1)
    assert windows.accept("b", 1)


# A foreign client


class Door(BaseAdapter):
    """Answers the `requests` library in memory, with nothing but the functions of this room."""

    def __init__(self, private_key: str, algorithm: str) -> None:
        super().__init__()
        self.nonces = Nonces(KEY)
        self.windows = NonceWindows()
        self.ha1 = ha1("abcdefgh", private_key, algorithm)
        self.algorithm = algorithm
        self.answers: list[Answer] = []

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        response = requests.Response()
        response.request = request
        response.url = request.url or ""
        # The library sends this very object the second request.
        response.connection = self  # type: ignore[assignment]
        response.status_code = 200 if self.admits(request) else 401
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = challenge(self.nonces.mint(NOW), algorithm=self.algorithm)
        return response

    def admits(self, request: requests.PreparedRequest) -> bool:
        value = request.headers.get("Authorization")
        if value is None:
            return False
        answer = parse(str(value))
        self.answers.append(answer)
        target = urlsplit(str(request.url))
        return (
            self.nonces.check(answer.nonce, NOW) is NonceState.FRESH
            and same_target(answer.uri, unquote(target.path), target.query)
            and matches(answer, self.ha1, request.method or "")
            and self.windows.accept(answer.nonce, answer.nc)
        )

    def close(self) -> None:
        """Nothing is open."""


def client(door: Door, private_key: str = "private") -> requests.Session:
    session = requests.Session()
    session.mount("http://", door)
    session.auth = HTTPDigestAuth("abcdefgh", private_key)
    return session


def requests_answer(algorithm: str) -> Answer:
    door = Door("private", algorithm)
    client(door).get("http://antechamber.test/api")
    return door.answers[-1]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_the_requests_library_is_admitted_with_the_right_key_only(algorithm: str) -> None:
    url = "http://antechamber.test/api/users/byName/a%20b@c.example?pretty=true&name=%C3%A9"
    assert client(Door("private", algorithm)).get(url).status_code == 200
    assert client(Door("private", algorithm), "wrong").get(url).status_code == 401


def test_the_requests_library_may_use_a_nonce_again_with_the_next_count() -> None:
    door = Door("private", "MD5")
    session = client(door)
    for method in ("GET", "POST", "DELETE"):
        assert session.request(method, "http://antechamber.test/api").status_code == 200
    assert [answer.nc for answer in door.answers] == [1, 2, 3]
    assert len({answer.nonce for answer in door.answers}) == 1
