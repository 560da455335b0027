"""The stream of log entries to a SIEM, joined."""

from gateway import __version__
from gateway.config.siem import SiemSettings
from gateway.core.syslog import SyslogFormat, SyslogSource
from gateway.core.syslog_target import parse_syslog_target
from gateway.flows.exchange import Exchange
from gateway.flows.siem import SiemStream
from gateway.transport.syslog_client import SyslogStream, SyslogTls


def join_siem(exchange: Exchange, settings: SiemSettings) -> SiemStream:
    """Return the stream of a node; one that does nothing if none is configured.

    Raises:
        ConfigError: A file of TLS can't be used.
    """
    stream = None
    if settings.target is not None:
        stream = SyslogStream(
            parse_syslog_target(settings.target),
            SyslogTls(ca=settings.ca, certificate=settings.certificate),
        )
    source = SyslogSource(
        host=exchange.ourselves,
        version=__version__,
        form=SyslogFormat(settings.format),
    )
    return SiemStream(exchange, stream, source, begins_at_end=settings.begin == "now")
