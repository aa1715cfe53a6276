"""Where traces open elsewhere: links into Jaeger, Zipkin, Grafana, by a template for each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

VARIABLE = "CHOREOSCOPE_TRACE_URL"


@dataclass(frozen=True)
class Backend:
    """A tracing back end and the address of a trace in it."""

    name: str
    template: str

    def address(self, trace_id: str, span_id: str = "") -> str:
        """The address of a trace, at a span of it where the template has a place for one.

        >>> Backend("Jaeger", "http://jaeger/{trace_id}?uiFind={span_id}").address("4bf9", "00")
        'http://jaeger/4bf9?uiFind=00'
        """
        filled = self.template.replace("{trace_id}", quote(trace_id, safe=""))
        return filled.replace("{span_id}", quote(span_id, safe=""))


def backends(setting: str) -> list[Backend]:
    """The back ends of a setting: `Name=URL` or bare URLs, by spaces; what is neither is left out.

    >>> [backend.name for backend in backends("Jaeger=http://j/{trace_id} https://zipkin/{trace_id}")]
    ['Jaeger', 'zipkin']
    """
    found = []
    for entry in setting.split():
        name, separator, template = entry.partition("=")
        if not separator or "/" in name:
            name, template = urlsplit(entry).netloc, entry
        if urlsplit(template).scheme in {"http", "https"} and "{trace_id}" in template:
            found.append(Backend(name, template))
    return found


def configured() -> Sequence[Backend]:
    """The back ends that the dashboard was started with."""
    return backends(os.environ.get(VARIABLE, ""))
