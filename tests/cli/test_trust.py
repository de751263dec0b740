import ssl
import stat
from pathlib import Path

import certifi
import pytest

from recorder.cli.trust import client_authorities, upstream_options
from recorder.errors import ConfigError


@pytest.fixture
def extra(tmp_path):
    """A certificate of an authority; any will do."""
    pem = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    path = tmp_path / "extra.pem"
    path.write_text(pem[0][pem[0].index("-----BEGIN") :] + pem[1] + "\n# company\n")
    return path


def test_upstream_is_trusted_as_the_client_trusts_it(extra, tmp_path):
    path = Path(upstream_options({"NODE_EXTRA_CA_CERTS": str(extra)}, tmp_path)["ssl_verify_upstream_trusted_ca"])
    assert "# company" in path.read_text()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    bundled = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundled.load_verify_locations(certifi.where())
    ours = set(context.get_ca_certs(binary_form=True))
    assert set(bundled.get_ca_certs(binary_form=True)) <= ours
    assert set(ssl.create_default_context().get_ca_certs(binary_form=True)) <= ours


def test_client_trusts_the_recorder_alone(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text("CA")
    assert client_authorities(ca, {}, tmp_path) == ca


def test_client_trusts_what_it_trusted_before(extra, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text("CA")
    bundle = client_authorities(ca, {"NODE_EXTRA_CA_CERTS": str(extra)}, tmp_path)
    assert bundle.read_text().startswith("CA\n-----BEGIN")
    assert "# company" in bundle.read_text()


def test_client_certificate_is_presented_upstream(tmp_path):
    (tmp_path / "c.pem").write_text("certificate")
    (tmp_path / "k.pem").write_text("key")
    env = {"CLAUDE_CODE_CLIENT_CERT": str(tmp_path / "c.pem"), "CLAUDE_CODE_CLIENT_KEY": str(tmp_path / "k.pem")}
    path = Path(upstream_options(env, tmp_path)["client_certs"])
    assert path.read_text() == "key\ncertificate\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_with_a_passphrase_is_refused_without_showing_it(tmp_path):
    env = {"CLAUDE_CODE_CLIENT_CERT": "/c.pem", "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE": "hidden"}
    with pytest.raises(ConfigError) as error:
        upstream_options(env, tmp_path)
    assert "hidden" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"NODE_EXTRA_CA_CERTS: /nowhere\.pem"):
        upstream_options({"NODE_EXTRA_CA_CERTS": "/nowhere.pem"}, tmp_path)
