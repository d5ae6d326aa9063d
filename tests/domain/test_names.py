"""Names of organizations, projects and teams."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.errors import InvalidOrganizationName, InvalidProjectName, InvalidTeamName, Refusal
from antechamber.domain.names import LENGTH_CHARACTERS, organization_name, project_name, team_name

Reading = Callable[[str], str]
READINGS: list[tuple[Reading, type[Refusal]]] = [
    (organization_name, InvalidOrganizationName),
    (project_name, InvalidProjectName),
    (team_name, InvalidTeamName),
]
ALLOWED = st.characters(categories=["L", "N"], include_characters="-_.(),:&@+'")


@given(st.text(ALLOWED, min_size=1, max_size=LENGTH_CHARACTERS))
def test_letters_digits_and_some_punctuation_are_kept_in_nfc(name: str) -> None:
    normal = unicodedata.normalize("NFC", name)
    if len(normal) <= LENGTH_CHARACTERS and all(
        unicodedata.category(c)[0] in "LNP" or c == "+" for c in normal
    ):
        assert project_name(name) == normal


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_refused_with_the_text(name: str) -> None:
    try:
        kept = project_name(name)
    except InvalidProjectName as refusal:
        assert refusal.facts == (name,)  # noqa: PT017 - not to be refused is right as well
        return
    assert 1 <= len(kept) <= LENGTH_CHARACTERS
    assert kept == kept.strip()
    assert project_name(kept) == kept


@pytest.mark.parametrize(("read", "refusal"), READINGS)
def test_two_spellings_of_one_name_are_one_name(read: Reading, refusal: type[Refusal]) -> None:
    assert read("Cafe\N{COMBINING ACUTE ACCENT}") == read("Café") == "Café"


@pytest.mark.parametrize(("read", "refusal"), READINGS)
@pytest.mark.parametrize(
    "name", ["A", "Atlas CLI E2E", "a-b_c.d(e),f:g&h@i+j'k", "Übung 1", "東京", "x" * 64]
)
def test_names_that_are_taken(read: Reading, refusal: type[Refusal], name: str) -> None:
    assert read(name) == name


@pytest.mark.parametrize(("read", "refusal"), READINGS)
@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " a",
        "a ",
        "x" * 65,
        "a/b",
        "a\tb",
        "a\nb",
        "a\0b",
        "<b>",
        "a\N{NO-BREAK SPACE}b",
        "🙂",
        "a\ud800",
        "#",
    ],
)
def test_names_that_are_refused(read: Reading, refusal: type[Refusal], name: str) -> None:
    with pytest.raises(refusal) as refused:
        read(name)
    assert type(refused.value) is refusal
    assert refused.value.facts == (name,)
