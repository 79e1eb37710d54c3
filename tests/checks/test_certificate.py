"""The reading of certificates that nobody vouches for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.probe.certificate import read_certificate


def der_of(certificate: trustme.LeafCert) -> bytes:
    return x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes()).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def der() -> bytes:
    ca = trustme.CA(organization_name="Zscaler Inc. é", organization_unit_name="Proxy")
    leaf = ca.issue_cert("db.example.org", common_name="db.example.org", not_after=datetime(2031, 2, 3, tzinfo=UTC))
    return der_of(leaf)


def test_issuer_subject_and_end_are_read(der: bytes) -> None:
    facts = read_certificate(der)
    assert facts.issuer_organisation == "Zscaler Inc. é"
    assert facts.issuer.startswith("Zscaler Inc. é")
    assert facts.subject_name == "db.example.org"
    assert facts.not_after == datetime(2031, 2, 3, tzinfo=UTC)


def test_an_end_after_2049_is_read_from_its_other_form() -> None:
    leaf = trustme.CA().issue_cert("h", not_after=datetime(2055, 1, 1, tzinfo=UTC))
    assert read_certificate(der_of(leaf)).not_after.year == 2055


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_no_certificate_are_refused_in_one_way(noise: bytes) -> None:
    with pytest.raises(ValueError):
        read_certificate(noise)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_certificate_is_read_or_refused_and_nothing_else(der: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(der) - 1))
    damaged = der[:at] + bytes([data.draw(st.integers(0, 255))]) + der[at + 1 :]
    try:
        read_certificate(damaged[: data.draw(st.integers(at, len(der)))])
    except ValueError:
        return
