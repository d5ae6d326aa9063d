"""Every page of the console, in every language."""

import pytest
from tests.web.console.browser import Browser, words
from tests.web.console.conftest import Server
from tests.worlds import World

from antechamber.domain.languages import LANGUAGES

PAGES = (
    "",
    "people",
    "people/{member}",
    "people/{member}/removal",
    "invitations",
    "inviting",
    "projects",
    "projects/{project}",
    "projects/{project}/people/{owner}",
    "projects/{project}/invitations",
    "projects/{project}/inviting",
    "projects/{project}/deletion",
    "teams",
    "teams/{team}",
    "teams/{team}/deletion",
    "keys",
    "keys/{key}",
    "keys/{key}/deletion",
    "accounts",
    "accounts/{account}",
    "accounts/{account}/deletion",
    "events",
    "mail",
    "mail/preview",
    "mail/preview/html",
)


def path(template: str, world: World) -> str:
    return template.format(
        member=world.member.id,
        owner=world.owner.id,
        project=world.project.id,
        team=world.team.id,
        key=world.key.id,
        account=world.account.client_id,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", PAGES)
def test_a_page_is_there_in_every_language(
    owner: Browser, world: World, template: str, language: str
) -> None:
    html = owner.page(path(template, world), lang=language)
    if not template.endswith("html"):
        assert f'<html lang="{language}">' in html
        assert "console." not in words(html)


@pytest.mark.parametrize("template", PAGES)
def test_nobody_who_is_not_signed_in_sees_a_page(server: Server, world: World, template: str) -> None:
    answer = Browser(server.url, world.organization.id).get(path(template, world))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_home_lists_the_organizations_of_the_person(owner: Browser, world: World) -> None:
    html = owner.page("/console")
    assert world.organization.name in html
    assert f"/console/organizations/{world.organization.id}" in html
