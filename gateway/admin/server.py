"""The listener of the admin API. It shares nothing with the peers' listener.

Plain HTTP on loopback; anywhere else only with TLS.
"""

import ssl
from pathlib import Path

from gateway.admin.accepting import Accepting
from gateway.admin.calling import Calls
from gateway.admin.connection import Connections
from gateway.admin.front import Front
from gateway.admin.operations import denials_of, handlers_of
from gateway.admin.pipeline import Pipeline
from gateway.admin.services import AdminLimits, AdminServices
from gateway.admin.sight import Sight
from gateway.admin.site import SiteMaker
from gateway.admin.tls import admin_tls_context
from gateway.admin.waiting import Waiting
from gateway.config.settings import ListenAddress
from gateway.core.errors import ConfigError


class AdminServer:
    """Serves the admin API until it is drained."""

    def __init__(  # noqa: PLR0913 - one parameter a setting
        self,
        services: AdminServices,
        listen: ListenAddress,
        *,
        tls_certificate: Path | None = None,
        tls_key: Path | None = None,
        url: str = "",
        limits: AdminLimits | None = None,
        site: SiteMaker | None = None,
    ) -> None:
        """Prepare to listen.

        Args:
            services: The node.
            listen: Where; port 0 takes any free one.
            tls_certificate: PEM file of our own chain; needed anywhere but on loopback.
            tls_key: PEM file of its private key.
            url: Under which people reach it, if not under that address.
            limits: What callers may cost.
            site: Makes the pages beside the API, if there are to be any.

        Raises:
            ConfigError: The address is not on loopback and there is no TLS, or the
                files are not a certificate and its key.
        """
        self._listen = listen
        self._tls = _tls_of(listen, tls_certificate, tls_key)
        self._front = Front(listen, has_tls=self._tls is not None, url=url)
        self._limits = limits or AdminLimits()
        self._waiting = Waiting(self._limits.waits)
        services.subscribe(self._waiting.nudge)
        self._pipeline = Pipeline(
            services,
            calls=Calls(
                handlers_of(services, self._waiting, self._front),
                denials_of(services, self._waiting),
                Sight(services.exchange.store, services.unit_desk),
            ),
            front=self._front,
            limits=self._limits,
            site=site,
        )
        self._server: Connections | None = None
        self._listener: Accepting | None = None

    @property
    def port(self) -> int:
        """The port that is listened on.

        Raises:
            ConfigError: It was not started.
        """
        if self._listener is None:
            raise ConfigError("admin listen: not started")
        return self._listener.port

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: The address can't be listened on.
        """
        server = Connections(self._pipeline, self._limits)
        self._listener = Accepting(
            self._listen,
            server,
            tls=self._tls,
            half_open=self._limits.half_open,
        )
        await self._listener.start()
        self._server = server
        self._front.listening(self._listener.port)

    async def drain(self, timeout_s: float) -> None:
        """Accept nothing new, let what is being answered finish, then close."""
        self._waiting.stop()
        if self._listener is not None:
            await self._listener.close()
        if self._server is not None:
            self._server.pre_shutdown()
            await self._server.shutdown(timeout_s)
        await self._pipeline.finish()


def _tls_of(
    listen: ListenAddress,
    certificate: Path | None,
    key: Path | None,
) -> ssl.SSLContext | None:
    if certificate is not None and key is not None:
        return admin_tls_context(certificate, key)
    if certificate is not None or key is not None:
        raise ConfigError("admin tls: expected both tls_certificate and tls_key")
    if not listen.is_loopback:
        raise ConfigError(
            f"admin listen: {listen} is not loopback; set tls_certificate and tls_key",
        )
    return None
