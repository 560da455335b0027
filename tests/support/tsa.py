"""A real time-stamping authority: `openssl ts -reply` behind a small HTTP server."""

import datetime as dt
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.core.translog.stamps import StampRoots, parse_roots

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="no openssl on this machine")

SERIAL_START = "01\n"
_CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
Answering = Callable[[bytes], Awaitable[web.StreamResponse]]


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass(frozen=True)
class Authority:
    """The keys and certificates of a time-stamping authority, in a folder."""

    folder: Path
    is_for_time: bool = True
    lifetime_days: int = 100

    def make(self) -> "Authority":
        self.folder.mkdir()
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = self._certificate("Test CA", ca_key.public_key(), ca_key, is_ca=True)
        key = ec.generate_private_key(ec.SECP256R1())
        signer = self._certificate("Test TSA", key.public_key(), ca_key, is_ca=False)
        pem = serialization.Encoding.PEM
        self.ca_file.write_bytes(ca.public_bytes(pem))
        (self.folder / "tsa.pem").write_bytes(signer.public_bytes(pem))
        (self.folder / "tsa.key").write_bytes(
            key.private_bytes(
                pem,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
        (self.folder / "serial").write_text(SERIAL_START)
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder))
        return self

    def _certificate(
        self,
        name: str,
        public: ec.EllipticCurvePublicKey,
        issuer: ec.EllipticCurvePrivateKey,
        *,
        is_ca: bool,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        days = 10 * self.lifetime_days if is_ca else self.lifetime_days
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Test CA"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        )
        if not is_ca and self.is_for_time:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(issuer, hashes.SHA256())

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def roots(self) -> StampRoots:
        return parse_roots(self.ca_file.read_bytes())

    def reply(self, query: bytes) -> bytes:
        """Return what `openssl ts -reply` makes of a request."""
        asked, made = self.folder / "query.tsq", self.folder / "reply.tsr"
        asked.write_bytes(query)
        self._openssl(
            *("-reply", "-config", str(self.folder / "tsa.cnf"), "-section", "here"),
            *("-queryfile", str(asked), "-out", str(made)),
        )
        return made.read_bytes()

    def enclose_chain(self) -> None:
        """Let it enclose the CA's certificate too, as authorities with chains do."""
        config = self.folder / "tsa.cnf"
        config.write_text(f"{config.read_text()}certs = {self.ca_file}\n")

    def query(self, data: bytes, *options: str) -> bytes:
        """Return what `openssl ts -query` asks, with options of its own."""
        file, made = self.folder / "data", self.folder / "query.tsq"
        file.write_bytes(data)
        self._openssl(
            *("-query", "-data", str(file), "-sha256", *options, "-out", str(made)),
        )
        return made.read_bytes()

    def _openssl(self, *arguments: str) -> None:
        assert OPENSSL
        done = subprocess.run(  # noqa: S603 - the machine's openssl, our arguments
            [OPENSSL, "ts", *arguments],
            capture_output=True,
            check=False,
            timeout=20,
        )
        assert done.returncode == 0, done.stderr.decode()


def openssl_verifies(body: Path, response: Path, ca: Path) -> bool:
    """Tell what `openssl ts -verify` says of a stamp, as the documents spell it."""
    assert OPENSSL
    done = subprocess.run(  # noqa: S603 - the machine's openssl, our arguments
        [
            *(OPENSSL, "ts", "-verify", "-data", str(body)),
            *("-in", str(response), "-CAfile", str(ca)),
        ],
        capture_output=True,
        check=False,
        timeout=20,
    )
    return done.returncode == 0 and b"Verification: OK" in done.stdout


@dataclass
class TsaServer:
    """Where an authority answers; how is for the test to say.

    Attributes:
        url: Its address.
        answer: What it makes of a request; by default what the authority does.
        asked: Requests that came.
    """

    authority: Authority
    url: str = ""
    answer: Answering | None = None
    asked: list[web.BaseRequest] = field(default_factory=list)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request)
        query = await request.read()
        if self.answer is not None:
            return await self.answer(query)
        return reply_of(self.authority.reply(query))


def reply_of(body: bytes) -> web.Response:
    """Return an HTTP answer of the right type."""
    return web.Response(body=body, content_type="application/timestamp-reply")


@asynccontextmanager
async def tsa_server(authority: Authority) -> AsyncIterator[TsaServer]:
    """Serve an authority on a port of this machine."""
    server = TsaServer(authority)
    runner = web.ServerRunner(web.Server(server.handle))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.url = f"http://{host}:{port}/tsr"
        yield server
    finally:
        await runner.cleanup()
