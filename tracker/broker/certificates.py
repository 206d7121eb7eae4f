"""A certificate authority of the race's own, and the broker's certificate for the names under which devices find it.

Only here is the `cryptography` library known. Time comes in as an argument.
"""

import ipaddress
import re
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tracker.broker.accounts import BrokerError

CA_DAYS = 3650
SERVER_DAYS = 730  # a season and the next; telephones take no more than 825
_BACKDATED = timedelta(days=1)  # a scanner's clock may be behind
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_NAME_MOST = 253


class Pair(NamedTuple):
    """A private key and its certificate, both PEM."""

    key: bytes
    certificate: bytes


def host_of(text: str) -> str:
    """A host name or an IP address as a certificate has it. BrokerError says what to write instead."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        labels = text.removesuffix(".").split(".")
    if len(text) > _NAME_MOST or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise BrokerError(f"--host {text}: is no host name and no IP address; write for example timing.example or 192.168.1.10")
    return text.removesuffix(".").lower()


def make_ca(name: str, now: datetime) -> Pair:
    """A new authority, which signs nothing but this broker's certificates."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"tracker broker CA {name}"[:64])])
    return _signed(_begun(subject, subject, key, now, CA_DAYS, is_ca=True), key, key)


def make_server(ca: Pair, hosts: list[str], now: datetime) -> Pair:
    """A certificate for the broker under each of `hosts`, signed by the authority. BrokerError when `ca` cannot be read."""
    try:
        authority = x509.load_pem_x509_certificate(ca.certificate)
        ca_key = serialization.load_pem_private_key(ca.key, None)
    except (ValueError, TypeError) as error:
        raise BrokerError(f"ca.crt or ca.key: cannot be read ({error}); take them from a copy of the folder") from error
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey) or ca_key.public_key() != authority.public_key():
        raise BrokerError("ca.key: does not belong to ca.crt; take both from the same copy of the folder")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    begun = _begun(subject, authority.subject, key, now, SERVER_DAYS, is_ca=False)
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    begun = begun.add_extension(names, critical=False).add_extension(authority_key, critical=False).add_extension(usage, critical=False)
    return _signed(begun, key, ca_key)


def hosts_in(certificate: bytes) -> list[str]:
    """The names and addresses that a certificate is for."""
    names = _loaded(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def good_until(certificate: bytes) -> datetime:
    """The moment (UTC) from which on nobody takes a certificate any more."""
    return _loaded(certificate).not_valid_after_utc


def _loaded(certificate: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate)
    except ValueError as error:
        raise BrokerError(f"the certificate cannot be read ({error}); take it from a copy of the folder") from error


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int, *, is_ca: bool
) -> x509.CertificateBuilder:
    """What the two kinds of certificate have in common; strict clients (Python 3.13) ask for each of the extensions."""
    uses = {"digital_signature": not is_ca, "key_cert_sign": is_ca, "crl_sign": is_ca}
    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(x509.KeyUsage(**uses, **dict.fromkeys(unused, False)), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(begun: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey) -> Pair:
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return Pair(private, begun.sign(by, hashes.SHA256()).public_bytes(pem))
