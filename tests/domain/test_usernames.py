"""Usernames: which addresses are taken, and which are one and the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.errors import InvalidUsername
from antechamber.domain.usernames import LENGTH_OCTETS, key_of, parse

LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
words = st.text(LETTERS_AND_DIGITS + "!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=12)
locals_ = st.lists(words, min_size=1, max_size=3).map(".".join)
labels = st.text(LETTERS_AND_DIGITS, min_size=1, max_size=12)
domains = st.tuples(st.lists(labels, min_size=1, max_size=3), st.sampled_from(["com", "Example", "x1"])).map(
    lambda parts: ".".join((*parts[0], parts[1]))
)


@given(locals_, domains)
def test_an_address_is_shown_as_it_was_written(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert parse(text).text == text


@given(locals_, domains)
def test_inv08_the_case_of_letters_does_not_make_another_person(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert parse(text.upper()).key == parse(text.lower()).key == parse(text).key


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        username = parse(text)
    except InvalidUsername:
        return
    assert username.text.isascii()
    assert len(username.text) <= LENGTH_OCTETS
    assert parse(username.text) == username, "what is kept is an address again"


@given(st.text())
def test_inv08_a_key_is_its_own_key_and_as_long_as_the_address(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)
    assert len(key_of(text)) == len(text)


@pytest.mark.parametrize(
    ("letter", "ascii_letter"),
    [
        ("\N{LATIN SMALL LETTER DOTLESS I}", "i"),
        ("\N{KELVIN SIGN}", "k"),
        ("\N{LATIN SMALL LETTER LONG S}", "s"),
    ],
)
def test_inv08_letters_that_unicode_folds_to_ascii_never_fold(letter: str, ascii_letter: str) -> None:
    assert key_of(f"m{letter}ke@example.com") != key_of(f"m{ascii_letter}ke@example.com")
    with pytest.raises(InvalidUsername):
        parse(f"m{letter}ke@example.com")
    with pytest.raises(InvalidUsername):
        parse("mike@example.com".replace("example", f"e{letter.upper()}ample\N{KELVIN SIGN}"))


def test_inv08_dots_and_tags_make_another_person() -> None:
    keys = {parse(text).key for text in ("ann@a.example", "a.nn@a.example", "ann+x@a.example")}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("Ann@straße.example", "Ann@xn--strae-oqa.example"),
        ("ann@例え.jp", "ann@xn--r8jz45g.jp"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_a_domain_is_kept_as_a_labels(text: str, kept: str) -> None:
    assert parse(text).text == kept


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.com",
        "a@b.co",
        "o'brien@example.com",
        "ann+tag@sub.example.com",
        "!#$%&'*+/=?^_`{|}~-@example.com",
        "ann@1and1.example",
        "ann@a--b.example",
        f"{'a' * 64}@example.com",
        f"ann@{'a' * 63}.com",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com",
    ],
)
def test_addresses_that_are_taken(text: str) -> None:
    assert parse(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@@example.com",
        "ann@b@example.com",
        "ann smith@example.com",
        " ann@example.com",
        "ann@example.com ",
        "ann@example.com\n",
        "ann@exam\nple.com",
        "ann\0@example.com",
        ".ann@example.com",
        "ann.@example.com",
        "a..nn@example.com",
        '"ann"@example.com',
        "ann(comment)@example.com",
        "Ann <ann@example.com>",
        "ann,bob@example.com",
        "ann@[127.0.0.1]",
        "ann@127.0.0.1",
        "ann@example.123",
        "ann@.example.com",
        "ann@example.com.",
        "ann@example..com",
        "ann@-example.com",
        "ann@example-.com",
        "ann@example.-com",
        "ann@example.com-",
        "ann@exam_ple.com",
        "änn@example.com",
        "ann@exa\ud800mple.com",
        "ann@\N{ZERO WIDTH SPACE}.com",
        "ann@Bücher.example",
        f"{'a' * 65}@example.com",
        f"ann@{'a' * 64}.com",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.com",
        f"ann@{'ü' * 60}.com",
    ],
)
def test_addresses_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidUsername):
        parse(text)
