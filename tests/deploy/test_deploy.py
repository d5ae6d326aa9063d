"""What deploy/ says is true: its settings and commands exist, and nothing has more rights than it needs.

No container runtime and no cluster are asked: what their files say is read.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from antechamber.api.observing import Metrics
from antechamber.cli import main
from antechamber.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (ROOT / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
KUBERNETES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())["items"]
UNITS = sorted(DEPLOY.glob("*.service"))
FILES = [ROOT / "Containerfile", *sorted(DEPLOY.iterdir())]


def pods() -> Iterator[dict[str, Any]]:
    return (one["spec"]["template"]["spec"] for one in KUBERNETES if one["kind"] in ("Job", "Deployment"))


def containers() -> list[dict[str, Any]]:
    return [container for pod in pods() for container in pod["containers"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_variable_is_a_setting(file: Path) -> None:
    text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("#"))
    names = {name.removeprefix(PREFIX).lower() for name in re.findall(rf"\b{PREFIX}[A-Z_]+", text)}
    assert names <= set(Settings.__struct_fields__)


def test_every_command_and_every_option_of_it_exists() -> None:
    # What stands alone after its marker: "podman compose run server create-owner" is read by people.
    started = [one["command"] for one in COMPOSE["services"].values() if one.get("image") == "antechamber"]
    started += [container["args"] for container in containers()]
    for unit in UNITS:
        started += [
            shlex.split(line)[1:]
            for line in re.findall(r"^ExecStart\w*=(.*)$", unit.read_text(), re.MULTILINE)
        ]
    started.append(json.loads(re.findall(r"^CMD (.*)$", CONTAINERFILE, re.MULTILINE)[-1]))
    assert {words[0] for words in started} >= {"serve", "migrate", "deliver-mail"}
    for command, *words in started:
        known = {option for one in main.commands[command].params for option in one.opts}
        assert {word for word in words if word.startswith("-")} <= known, command


# -- the image --------------------------------------------------------------------------------------


def test_the_image_is_pinned_small_and_not_root() -> None:
    assert CONTAINERFILE.count("\nFROM ${PYTHON_IMAGE}") == 2, "what builds stays behind"
    for install in re.findall(r"pip install[^&]*", CONTAINERFILE):
        assert "--require-hashes" in install or "--no-deps --no-index" in install
    final = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 65532:65532$", final, re.MULTILINE)
    assert json.loads(re.findall(r"HEALTHCHECK .*CMD (.*)$", final, re.MULTILINE)[0]) == [
        "antechamber",
        "healthcheck",
    ]
    assert "pip install" not in final


def test_nothing_is_copied_that_the_image_does_not_need() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    }
    assert copied == kept
    assert all((ROOT / name).exists() for name in kept)


# -- compose ----------------------------------------------------------------------------------------


def test_the_composed_servers_have_a_read_only_root_and_ports_on_this_machine_only() -> None:
    for name, service in COMPOSE["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        if service["image"] == "antechamber":
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert set(service["environment"]) >= {"ANTECHAMBER_DATABASE", "ANTECHAMBER_MASTER_KEY"}
    assert COMPOSE["services"]["server"]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }


# -- Kubernetes -------------------------------------------------------------------------------------


def test_every_pod_is_confined() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        # Otherwise the Service's own ANTECHAMBER_PORT would be read as a setting.
        assert pod["enableServiceLinks"] is False
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


def test_secrets_come_from_a_secret_and_from_nowhere_else() -> None:
    (plain,) = (one["data"] for one in KUBERNETES if one["kind"] == "ConfigMap")
    assert not {"ANTECHAMBER_MASTER_KEY", "ANTECHAMBER_DATABASE", "ANTECHAMBER_SMTP_PASSWORD"} & plain.keys()
    for container in containers():
        assert all("value" not in variable for variable in container["env"])


def test_two_servers_are_kept_running_and_asked_how_they_are() -> None:
    by_kind = {(one["kind"], one["metadata"]["name"]): one.get("spec") or {} for one in KUBERNETES}
    server = by_kind["Deployment", "antechamber"]
    assert server["replicas"] == 2
    (container,) = server["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    labels = server["template"]["metadata"]["labels"]
    assert by_kind["Service", "antechamber"]["selector"] == labels
    budget = by_kind["PodDisruptionBudget", "antechamber"]
    assert (budget["minAvailable"], budget["selector"]["matchLabels"]) == (1, labels)
    assert labels != by_kind["Deployment", "antechamber-mail"]["template"]["metadata"]["labels"]


# -- systemd ----------------------------------------------------------------------------------------

_ANALYZE = shutil.which("systemd-analyze")
_needs_systemd = pytest.mark.skipif(_ANALYZE is None, reason="systemd-analyze is not there")


@_needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    program = tmp_path / "antechamber"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/antechamber/bin/antechamber", str(program)))
    assert _ANALYZE is not None
    run = subprocess.run([_ANALYZE, "verify", copy], capture_output=True, text=True, timeout=30, check=False)
    said = [line for line in run.stderr.splitlines() if unit.name in line]
    assert not said


@_needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_exposes_little(unit: Path) -> None:
    assert _ANALYZE is not None
    run = subprocess.run(
        [_ANALYZE, "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if "--offline" in run.stderr or "offline" in run.stderr.lower():
        pytest.skip("this systemd-analyze cannot judge a file")
    assert run.returncode == 0, run.stdout[-500:] + run.stderr


# -- the pages that go with it ----------------------------------------------------------------------

PAGES = [ROOT / "docs" / name for name in ("operations.md", "scaling.md", "seed.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_the_page_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^|`)antechamber ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= main.commands.keys()


def test_the_metrics_on_the_page_are_those_of_the_server() -> None:
    metrics = Metrics()
    metrics.count("getOrg", 200, 0.01)
    metrics.count_mail("sent")
    shown = set(re.findall(r"^(antechamber_\w+)", metrics.text().decode(), re.MULTILINE))
    named = set(re.findall(r"\bantechamber_\w+", (ROOT / "docs" / "operations.md").read_text()))
    named -= {"antechamber_request_seconds", "antechamber_restored"}
    assert named <= shown
    assert named >= {name for name in shown if name.endswith(("_total", "_queued"))}


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"
