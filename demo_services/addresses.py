"""Where the services answer: those of this process by their ports, others by a pattern."""


class Addresses:
    """The base URL of every service, by its name."""

    def __init__(self, elsewhere: str = "") -> None:
        """`elsewhere` is where services of other processes are: `http://{service}:8000`."""
        self._elsewhere = elsewhere
        self._here: dict[str, str] = {}

    def announce(self, service: str, url: str) -> None:
        """A service of this process has an address now; it keeps it, also when it is down."""
        self._here[service] = url

    def of(self, service: str) -> str:
        """Say where a service is. Raises LookupError when nobody knows."""
        if service in self._here:
            return self._here[service]
        if self._elsewhere:
            return self._elsewhere.format(service=service)
        raise LookupError(f"nobody knows where {service} is (see --peers)")
