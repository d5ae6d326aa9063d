"""`antechamber dev --tls`: HTTPS with an authority of this machine's own."""

import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from cryptography import x509
from tests.cli.program import SECONDS, Dev, Home

from antechamber.cli import development_tls


def _speaks_http2() -> bool:
    curl = shutil.which("curl")
    if curl is None:
        return False
    version = subprocess.run(
        [curl, "--version"], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    return "HTTP2" in version.stdout.split()


def _ask(dev: Dev, path: str = "/healthz", trusting: str | None = None) -> requests.Response:
    with requests.Session() as session:
        # Nothing of the machine's own: no proxy, no other authorities.
        session.trust_env = False
        verify = trusting or dev.info["caFile"]
        return session.get(dev.info["url"] + path, auth=dev.key, verify=verify, timeout=SECONDS)


def test_it_answers_over_https_to_who_trusts_its_authority(home: Home) -> None:
    variables = home.folder / "variables"
    with home.dev("--tls", "--env-file", variables) as dev:
        assert dev.info["url"].startswith("https://127.0.0.1:")
        authority = Path(dev.info["caFile"])
        assert list(dev.info)[-1] == "caFile"
        assert _ask(dev).text == "ok\n"
        links = _ask(dev, "/api/public/v1.0/orgs").json()["links"]
        assert all(link["href"].startswith(dev.info["url"]) for link in links)
        with pytest.raises(requests.exceptions.SSLError):
            _ask(dev, trusting=str(_another(home)))
        with pytest.raises(requests.ConnectionError):
            requests.get(dev.info["url"].replace("https", "http"), timeout=SECONDS)

        for text in (variables.read_text(), home.run("env").stdout):
            lines = text.splitlines()
            assert f"export MONGODB_ATLAS_BASE_URL={dev.info['url']}/" in lines
            assert f"export ANTECHAMBER_CA_FILE={authority}" in lines
            assert f"export NODE_EXTRA_CA_CERTS={authority}" in lines
        names = _certificate(authority.with_name("server.pem")).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
        assert {str(one) for one in names.value.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1"}
        for key in authority.parent.glob("*.pem"):
            assert stat.S_IMODE(key.stat().st_mode) == 0o600
    # Without a data folder nothing is kept.
    assert not authority.exists()


def test_the_screen_names_the_authority(home: Home) -> None:
    with home.start("dev", "--port", "0", "--tls", "--data", "data") as process:
        assert process.stdout is not None
        wanted = str(home.folder / "data" / "authority.pem")
        assert any(wanted in line for line in process.stdout)


def test_authority_and_certificate_are_kept_with_the_data(home: Home) -> None:
    kept = home.folder / "data"
    with home.dev("--tls", "--data", "data") as dev:
        assert Path(dev.info["caFile"]) == kept / "authority.pem"
        before = {file.name: file.read_bytes() for file in kept.glob("*.pem")}
        assert before.keys() == {"authority.pem", "authority-key.pem", "server.pem", "server-key.pem"}
        (home.folder / "trusted.pem").write_bytes(before["authority.pem"])
    with home.dev("--tls", "--data", "data") as dev:
        assert {file.name: file.read_bytes() for file in kept.glob("*.pem")} == before
        assert _ask(dev, trusting=str(home.folder / "trusted.pem")).ok


@pytest.mark.skipif(not _speaks_http2(), reason="there is no curl here that speaks HTTP/2")
def test_it_speaks_http_2(home: Home) -> None:
    with home.dev("--tls") as dev:
        command = ["curl", "--silent", "--noproxy", "*", "--http2", "--cacert", dev.info["caFile"]]
        command += ["--write-out", "%{http_version} %{http_code}", "--output", "/dev/null"]
        command += ["--digest", "--user", f"{dev.info['publicKey']}:{dev.info['privateKey']}"]
        command += ["--header", "Accept: application/vnd.atlas.2023-01-01+json"]
        command += [f"{dev.info['url']}/api/atlas/v2{dev.invitations_path}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)
        assert answer.stdout == "2 200"


class TestPreparing:
    """What is made and what is kept, without a server."""

    def test_a_certificate_for_another_host_is_made_anew_by_the_same_authority(self, tmp_path: Path) -> None:
        files = development_tls.prepare(tmp_path, "127.0.0.1")
        authority, first = files.authority.read_bytes(), files.certificate.read_bytes()
        assert development_tls.prepare(tmp_path, "localhost") == files
        assert files.certificate.read_bytes() == first
        development_tls.prepare(tmp_path, "desk.example")
        assert files.certificate.read_bytes() != first
        assert files.authority.read_bytes() == authority
        made = _certificate(files.certificate)
        made.verify_directly_issued_by(_certificate(files.authority))
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["localhost", "desk.example"]

    def test_a_certificate_is_renewed_before_it_ends(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(development_tls, "LIFETIME_DAYS", 29)
            files = development_tls.prepare(tmp_path, "127.0.0.1")
        development_tls.prepare(tmp_path, "127.0.0.1")
        left = _certificate(files.certificate).not_valid_after_utc - datetime.now(UTC)
        # Browsers and Apple's libraries refuse what lasts longer than 398 days.
        assert 390 < left.days < 398


def _another(home: Home) -> Path:
    folder = home.folder / "another"
    folder.mkdir()
    return development_tls.prepare(folder, "127.0.0.1").authority


def _certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())
