"""Figures for Prometheus: what this process counted, and the vital signs of the whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, GCCollector, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from wattline.queries.vital_signs import GatewayWork, VitalSigns

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

REQUESTS = Counter("wattline_http_requests", "HTTP requests", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "wattline_http_request_seconds",
    "Time to answer an HTTP request",
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

MEANINGS = {
    "charge_points": "Charge points that exist",
    "charge_points_connected": "Charge points with an open socket",
    "charges_running": "Charges that are not completed",
    "gateways_alive": "Gateways that said within 17 s that they live",
    "facts_waiting": "Facts that the webhook sender has not read",
    "webhook_entries_waiting": "Webhook entries not delivered yet",
    "webhook_wait_seconds": "Age of the oldest webhook entry not delivered yet",
    "webhook_batches_failing": "Webhook batches that did not arrive at the first try and are tried again",
    "webhook_receivers_failing": "API keys whose webhooks do not arrive just now",
    "timers_overdue": "Timers whose time has passed",
    "timer_delay_seconds": "How late the oldest overdue timer is",
    "commands_open": "Commands to charge points without an outcome",
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is asked for when somebody looks; `pool` is this process's connections to PostgreSQL by state."""

    signs: VitalSigns
    gateways: Sequence[GatewayWork]
    pool: Mapping[str, int]


def in_prometheus_text(measured: Measured) -> tuple[bytes, str]:
    """Write everything in the text form, with its media type."""
    together = CollectorRegistry()
    together.register(_Signs(measured))
    return generate_latest(REGISTRY) + generate_latest(together), CONTENT_TYPE_LATEST


class _Signs(Collector):
    """Hands what was measured to Prometheus."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        """Name every figure."""
        for name, value in asdict(self._measured.signs).items():
            yield GaugeMetricFamily(f"wattline_{name}", MEANINGS[name], value=value)
        pool = GaugeMetricFamily("wattline_database_connections", "Connections of this process", labels=["state"])
        for state, connections in self._measured.pool.items():
            pool.add_metric([state], connections)
        yield pool
        yield from self._gateways()

    def _gateways(self) -> Iterator[Metric]:
        sockets = GaugeMetricFamily("wattline_gateway_connections", "Charge points connected", labels=["gateway"])
        calls = CounterMetricFamily("wattline_ocpp_calls", "OCPP calls", labels=["gateway", "direction", "action"])
        for gateway in self._measured.gateways:
            sockets.add_metric([gateway.id], gateway.connected)
            for direction, counts in gateway.calls.items():
                for action, count in counts.items():
                    calls.add_metric([gateway.id, direction, action], count)
        yield from (sockets, calls)
