"""The metrics of the measurements, and their formats for readers."""

from typing import NamedTuple


class Metric(NamedTuple):
    label: str
    unit: str
    # The divisor that turns a value into that unit.
    scale: float = 1
    digits: int = 0

    def text(self, value, with_unit=False):
        number = f"{value / self.scale:,.{self.digits}f}"
        return f"{number} {self.unit}".rstrip() if with_unit else number

    @property
    def heading(self):
        return f"{self.label}, {self.unit}" if self.unit else self.label


METRICS = {
    "deliveries_per_second": Metric("deliveries/s", "thousand", 1e3, 1),
    "cpu_seconds_per_delivery": Metric("CPU per delivery", "µs", 1e-6, 2),
    "cpu_seconds_per_megabyte": Metric("CPU per MB delivered", "µs", 1e-6, 0),
    "sends_per_delivery": Metric("sends per delivery", "", 1, 2),
    "p50_seconds": Metric("p50", "ms", 1e-3, 2),
    "p95_seconds": Metric("p95", "ms", 1e-3, 2),
    "p99_seconds": Metric("p99", "ms", 1e-3, 2),
    "p999_seconds": Metric("p99.9", "ms", 1e-3, 2),
    "state_p50_seconds": Metric("state: p50", "ms", 1e-3, 2),
    "state_p95_seconds": Metric("state: p95", "ms", 1e-3, 2),
    "connections_per_second": Metric("connect and create or join, per second", "thousand", 1e3, 1),
    "rejoins_per_second": Metric("slots taken back per second after a mass disconnect", "thousand", 1e3, 1),
    "cpu_seconds_per_connection": Metric("CPU per connection", "µs", 1e-6, 1),
    "bytes_per_connection": Metric("memory per connection", "B", 1),
    "resident_bytes": Metric("resident memory", "MB", 1e6, 1),
    "fresh_bytes": Metric("resident memory", "MB", 1e6, 1),
    "start_seconds": Metric("exec to the first 200", "ms", 1e-3, 1),
    "server_share": Metric("CPU of the server", "cores", 1, 2),
    "load_share": Metric("busiest thread of the load", "of a core", 1, 2),
}
