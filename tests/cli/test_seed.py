"""`antechamber seed`: what is wrong with a file is said in words, and what is right comes in as a whole."""

from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from requests.auth import HTTPDigestAuth
from tests.cli.program import ACCEPT, MASTER_KEY, ROOT, SECONDS, Home

from antechamber.cli import main


def _check(*files: Path) -> tuple[int, list[str]]:
    """Return exit status and what was said on standard error, file names left out."""
    result = CliRunner().invoke(main, ["seed", "--check", *map(str, files)])
    lines = result.stderr.splitlines()
    for file in files:
        lines = [line.replace(f"{file}: ", "").replace(str(file), "FILE") for line in lines]
    return result.exit_code, lines


def _organization(text: str) -> str:
    return f"organizations: [{{name: A, projects: [{{name: P}}], teams: [{{name: T}}], {text}}}]"


def _person(name: str, password: str) -> str:
    return f"{{name: {name}, users: [{{username: a@b.example, password: {password}}}]}}"


_OWNER = "[GROUP_OWNER]"
_USER = "organizations[0].users[0]"
_KEY = "organizations[0].apiKeys[0]"
_INVITATION = "organizations[0].invitations[0]"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("organizations:\n  - [", "FILE, line "),
        ("", "Expected names with values"),
        ("x: 1", "not known here: `x`"),
        ("organizations: x", "organizations: a list is wanted"),
        ("organizations: [{}]", "organizations[0]: missing: `name`"),
        ("organizations: [{name: A, name: B}]", "FILE, line 1: 'name' is given twice"),
        ("organizations: [{name: A, nam: B}]", "organizations[0]: not known here: `nam`"),
        ("organizations: [{name: [A]}]", "organizations[0].name: a text is wanted, not a list"),
        ("organizations: [{name: A}, {name: A}]", "organizations[1].name: organization A is there already"),
        ("organizations: [{name: A, id: 65}]", "organizations[0].id: 65 is not 24 hex digits in lower case"),
        ("organizations: [{name: ' A'}]", "organizations[0].name: ' A' is no name"),
        ("!!python/object/apply:os.system [true]", "names with values are wanted"),
        ("organizations: [{name: A, language: fr}]", "organizations[0].language: 'fr' is none of en, zh, ja"),
        (
            _organization("invitations: [{username: a@b.example, language: de}]"),
            f"{_INVITATION}.language: 'de' is none of en, zh, ja",
        ),
        (
            _organization("users: [{username: a@b.example, password: short}]"),
            f"{_USER}.password: 8 to 128 characters are wanted",
        ),
        (
            _organization("users: [{username: a@b.example, password: password}]"),
            f"{_USER}.password: is too common",
        ),
        (
            f"organizations: [{_person('A', 'one two three')}, {_person('B', 'four five six')}]",
            "organizations[1].users[0].password: a@b.example has another one already",
        ),
        (
            _organization("users: [{username: nobody}]"),
            f"{_USER}.username: 'nobody' is not an e-mail address",
        ),
        (
            _organization("users: [{username: a@b.example}, {username: A@b.example}]"),
            "organizations[0].users[1].username: user a@b.example is there already",
        ),
        (
            _organization("users: [{username: a@b.example, roles: [ORG_OWNR]}]"),
            f"{_USER}.roles[0]: ORG_OWNR is not a role of an organization",
        ),
        (
            _organization("users: [{username: a@b.example, roles: [GROUP_OWNER]}]"),
            f"{_USER}.roles[0]: GROUP_OWNER is not a role of an organization",
        ),
        (_organization("users: [{username: a@b.example, roles: []}]"), f"{_USER}.roles: at least one role"),
        (
            _organization(
                f"users: [{{username: a@b.example, projectRoles: [{{project: Q, roles: {_OWNER}}}]}}]"
            ),
            f"{_USER}.projectRoles[0].project: the organization has no project 'Q'",
        ),
        ("organizations: [{name: A, teams: [{name: T, usernames: [a@b.example]}]}]", "is not a user of"),
        (
            _organization("apiKeys: [{publicKey: 'a:b', privateKey: x}]"),
            f"{_KEY}.publicKey: 'a:b': letters, digits",
        ),
        (_organization("apiKeys: [{publicKey: a, privateKey: ''}]"), f"{_KEY}.privateKey: 1 to 256 visible"),
        (
            _organization("apiKeys: [{publicKey: a, privateKey: x}, {publicKey: a, privateKey: y}]"),
            "organizations[0].apiKeys[1].publicKey: public key a is there already",
        ),
        (
            _organization("apiKeys: [{publicKey: a, privateKey: x, accessList: [home]}]"),
            f"{_KEY}.accessList[0]: home is neither an address nor a CIDR block",
        ),
        (
            _organization("serviceAccounts: [{clientId: a, secret: x, name: ''}]"),
            "organizations[0].serviceAccounts[0].name: 1 to 250 characters",
        ),
        (
            _organization("invitations: [{username: a@b.example, teams: [U]}]"),
            f"{_INVITATION}.teams[0]: the organization has no team 'U'",
        ),
        (
            _organization("invitations: [{username: a@b.example, state: revoked}]"),
            f"{_INVITATION}.state: pending, expired, accepted or rejected is wanted",
        ),
        (
            _organization("invitations: [{username: a@b.example, createdAt: 2020-01-01}]"),
            f"{_INVITATION}.createdAt: a time like",
        ),
        (
            _organization("invitations: [{username: a@b.example, createdAt: 2020-01-01T00:00:00Z}]"),
            f"{_INVITATION}.createdAt: more than 30 days ago",
        ),
        (
            _organization("invitations: [{username: a@b.example, createdAt: 2999-01-01T00:00:00Z}]"),
            f"{_INVITATION}.createdAt: lies in the future",
        ),
        (
            _organization(
                f"invitations: [{{username: a@b.example, project: P, roles: {_OWNER}, teams: [T]}}]"
            ),
            f"{_INVITATION}: an invitation to a project carries neither teams nor projectRoles",
        ),
        (
            _organization("invitations: [{username: a@b.example, project: P}]"),
            f"{_INVITATION}.roles[0]: ORG_MEMBER is not a role of a project",
        ),
        (
            _organization("invitations: [{username: a@b.example}, {username: A@b.example}]"),
            "organizations[0].invitations[1].username: pending invitation of a@b.example is there already",
        ),
        (
            _organization("users: [{username: a@b.example}], invitations: [{username: a@b.example}]"),
            f"{_INVITATION}.username: a@b.example is a member already",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    status, said = _check(file)
    assert status == 2
    assert len(said) == 1
    assert problem in said[0]


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(_organization("users: [{username: a, roles: [X]}, {username: b, id: 1}]"))
    assert len(_check(file)[1]) == 4


def test_files_are_checked_together(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("organizations: [{name: A, id: 6500000000000000000000a1}]")
    second.write_text("organizations: [{name: B, id: 6500000000000000000000a1}]")
    assert _check(first)[0] == _check(second)[0] == 0
    status, said = _check(first, second)
    assert status == 2
    assert "organization id 6500000000000000000000a1 is there already" in said[0]


def test_texts_need_no_quotes(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(
        _organization("id: 650000000000000000000001, users: [{username: a@b.example, lastName: No}]")
    )
    assert _check(file) == (0, [])


def test_the_example_is_right_and_complete() -> None:
    assert _check(ROOT / "examples" / "seed.yaml") == (0, [])
    described = (ROOT / "docs" / "seed.md").read_text()
    used = (ROOT / "examples" / "seed.yaml").read_text()
    from antechamber.cli import seed_files

    parts = [part for part in vars(seed_files).values() if hasattr(part, "__struct_encode_fields__")]
    for name in {name for part in parts for name in part.__struct_encode_fields__}:
        assert f"`{name}`" in described or f"{name}:" in described
        assert f"{name}:" in used


def test_a_configured_database_is_filled_as_a_whole_or_not_at_all(home: Home) -> None:
    environment = {
        "ANTECHAMBER_DATABASE": f"sqlite:///{home.folder}/x.db",
        "ANTECHAMBER_MASTER_KEY": MASTER_KEY,
    }
    file = home.folder / "seed.yaml"
    file.write_text("organizations: [{name: A, id: 6500000000000000000000a1}]")
    early = home.run("seed", file, environment=environment)
    assert early.returncode == 2
    assert "antechamber migrate" in early.stderr
    assert home.run("migrate", environment=environment).returncode == 0
    done = home.run("seed", file, environment=environment)
    assert (done.returncode, done.stdout) == (0, "1 organization: planted\n")
    other = "{name: B, id: 6500000000000000000000b1}"
    file.write_text(f"organizations: [{other}, {{name: A, id: 6500000000000000000000a1}}]")
    again = home.run("seed", file, environment=environment)
    assert again.returncode == 2
    assert "the id 6500000000000000000000a1 is taken in the database" in again.stderr
    file.write_text(f"organizations: [{other}]")
    assert home.run("seed", file, environment=environment).returncode == 0


def _database(home: Home, name: str) -> dict[str, str]:
    environment = {
        "ANTECHAMBER_DATABASE": f"sqlite:///{home.folder}/{name}.db",
        "ANTECHAMBER_MASTER_KEY": MASTER_KEY,
        "ANTECHAMBER_PUBLIC_URL": "http://localhost",
    }
    assert home.run("migrate", environment=environment).returncode == 0
    return environment


ACME = "6500000000000000000000a1"


def test_what_is_exported_and_imported_is_exported_the_same(home: Home) -> None:
    first, second, third = (_database(home, name) for name in ("first", "second", "third"))
    assert home.run("seed", ROOT / "examples" / "seed.yaml", environment=first).returncode == 0
    file = home.folder / "acme.yaml"
    exported = home.run("export", ACME, environment=first)
    assert exported.returncode == 0, exported.stderr
    file.write_text(exported.stdout)
    assert _check(file) == (0, [])
    assert home.run("import", "--keep-ids", file, environment=second).returncode == 0
    assert home.run("export", ACME, environment=second).stdout == exported.stdout
    # Without ids it is the same organization, under new ones.
    imported = home.run("import", file, environment=third)
    assert imported.returncode == 0, imported.stderr
    assert home.run("export", ACME, environment=third).stderr == f"there is no organization {ACME}\n"


def test_an_export_holds_all_that_a_seed_can_and_no_secret(home: Home) -> None:
    database = _database(home, "first")
    assert home.run("seed", ROOT / "examples" / "seed.yaml", environment=database).returncode == 0
    text = home.run("export", ACME, environment=database).stdout
    file = home.folder / "acme.yaml"
    file.write_text(text)
    from antechamber.cli.seed_files import read_seeds

    (was, _), (kept,) = (
        read_seeds((ROOT / "examples" / "seed.yaml",)).organizations,
        read_seeds((file,)).organizations,
    )
    assert (kept.name, kept.id, kept.settings) == (was.name, was.id, was.settings)
    assert kept.language == was.language
    assert {one.language for one in kept.invitations} == {one.language for one in was.invitations}
    assert {team.name: team.project_roles for team in kept.teams} == {
        team.name: team.project_roles for team in was.teams
    }
    assert {one.name: one.usernames for one in kept.teams}["Developers"] == (
        "ada@acme.example",
        "grace@acme.example",
    )
    # Whom an invitation made a member is one now.
    assert {user.username for user in kept.users} == {
        "ada@acme.example",
        "alan@acme.example",
        "grace@acme.example",
    }
    assert len(kept.api_keys) == len(was.api_keys)
    assert kept.api_keys[1].access_list == ("10.0.0.0/8", "127.0.0.1/32", "::1/128")
    assert kept.service_accounts[0].project_roles == was.service_accounts[0].project_roles
    states = sorted(one.state for one in was.invitations)
    assert sorted(one.state for one in kept.invitations) == states
    for secret in ("11111111-2222", "examplesecret", "correct horse", "password"):
        assert secret not in text


def test_an_import_prints_new_secrets_once_and_they_work(home: Home) -> None:
    first, second = _database(home, "first"), _database(home, "second")
    assert home.run("seed", ROOT / "examples" / "seed.yaml", environment=first).returncode == 0
    file = home.folder / "acme.yaml"
    file.write_text(home.run("export", ACME, environment=first).stdout)
    said = home.run("import", "--keep-ids", file, environment=second).stdout.splitlines()
    assert said[0] == "1 organization: imported"
    secrets = dict(line.removeprefix("Acme: ").split() for line in said[1:])
    assert set(secrets) == {"acmeownr", "acmeread", "acmeshop", "mdb_sa_id_6500000000000000000000f1"}
    with home.serve(environment=second) as (_, address):
        url = f"{address}/api/atlas/v2/orgs/{ACME}"
        for private_key, status in (
            (secrets["acmeownr"], 200),
            ("11111111-2222-4333-8444-555555555555", 401),
        ):
            auth = HTTPDigestAuth("acmeownr", private_key)
            assert requests.get(url, auth=auth, headers=ACCEPT, timeout=SECONDS).status_code == status
    # The name is the same, so it cannot come in twice.
    again = home.run("import", file, environment=second)
    assert again.returncode == 2
    assert "the public key acmeownr is taken in the database" in again.stderr
