"""A certificate authority and a certificate for `antechamber dev --tls`; for this machine's own use.

Made at the first start and kept in the data folder, so that what was told to trust the authority keeps
trusting it.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from antechamber.cli.running_info import write_private

LIFETIME_DAYS = 397
AUTHORITY_LIFETIME_DAYS = 3650
_RENEWED_BEFORE_DAYS = 30
_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Files:
    """Where the authority's certificate, the server's and its key are."""

    authority: Path
    certificate: Path
    key: Path


def prepare(folder: Path, host: str) -> Files:
    """Return the files in the folder, made or renewed where needed. host: what the server listens on.

    Raises OSError.
    """
    files = Files(folder / "authority.pem", folder / "server.pem", folder / "server-key.pem")
    authority_key = folder / "authority-key.pem"
    if not (files.authority.exists() and authority_key.exists()):
        _make_authority(files.authority, authority_key)
    if not _is_good(files, host):
        _make_certificate(files, authority_key, host)
    return files


def _is_good(files: Files, host: str) -> bool:
    if not (files.certificate.exists() and files.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(files.authority.read_bytes()))
    except (InvalidSignature, ValueError):
        return False
    if key.public_key() != certificate.public_key():
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    soon = datetime.now(UTC) + timedelta(days=_RENEWED_BEFORE_DAYS)
    return set(_alternatives(host)) <= set(names) and certificate.not_valid_after_utc > soon


def _alternatives(host: str) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in dict.fromkeys((*_NAMES, host)):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _make_authority(certificate_file: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Antechamber development authority")
    certificate = (
        _builder(name, name, key, AUTHORITY_LIFETIME_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    _write_certificate(certificate_file, certificate)


def _make_certificate(files: Files, authority_key: Path, host: str) -> None:
    signing = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey), "we made it"
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    certificate = (
        _builder(_name("localhost"), authority.subject, key, LIFETIME_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(host)), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signing, hashes.SHA256())
    )
    _write_key(files.key, key)
    _write_certificate(files.certificate, certificate)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(file, text.decode())


def _write_certificate(file: Path, certificate: x509.Certificate) -> None:
    write_private(file, certificate.public_bytes(serialization.Encoding.PEM).decode())
