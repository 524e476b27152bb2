"""Figures for Prometheus: what this process counted, and the vital signs of the whole."""

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, GCCollector, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from wattline.queries.vital_signs import VitalSigns

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

REQUESTS = Counter("wattline_http_requests", "HTTP requests answered", ["method", "status"], registry=REGISTRY)
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
    "timers_overdue": "Timers whose time has passed",
    "timer_delay_seconds": "How late the oldest overdue timer is",
    "commands_open": "Commands to charge points without an outcome",
}


def in_prometheus_text(signs: VitalSigns) -> tuple[bytes, str]:
    """Write everything in the text form, with its media type."""
    together = CollectorRegistry()
    together.register(_Signs(signs))
    return generate_latest(REGISTRY) + generate_latest(together), CONTENT_TYPE_LATEST


class _Signs(Collector):
    """Hands one set of vital signs to Prometheus."""

    def __init__(self, signs: VitalSigns) -> None:
        self._signs = signs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Name every figure."""
        for name, value in asdict(self._signs).items():
            yield GaugeMetricFamily(f"wattline_{name}", MEANINGS[name], value=value)
