"""A disk that is full: 503, answers meanwhile, nothing lost when there is room; a read-only one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.processes import Served, choreoscope, wait_until
from tests.golden.spans import joined, request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk in memory"),
]
NOW = 1_790_000_000_000_000_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, 200 MiB; only root may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mounted(place, "-t", "tmpfs", "-o", "size=200m", "none")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"can't mount a disk: {error}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def mounted(place: Path, *options: str) -> None:
    subprocess.run(["mount", *options, place], check=True, capture_output=True)


def sent(collector: Served, order_id: str) -> httpx.Response:
    spans = [request(order_id, NOW, {"does": f"disk serve {n}", "order": True}) for n in range(5)]
    return httpx.post(
        f"{collector.url}/v1/traces",
        content=joined(spans),
        headers={"Content-Type": "application/x-protobuf"},
        timeout=30,
    )


def test_a_full_disk_and_a_read_only_one(disk: Path) -> None:
    with Served(disk / "data", "--min-free-bytes", str(20 * 2**20)) as collector:
        taken = []

        def readiness() -> str:
            answer = httpx.get(f"{collector.url}/readyz", timeout=30)
            return "" if answer.is_success else str(answer.json()["detail"])

        def take(order_id: str) -> bool:
            answer = sent(collector, order_id)
            if answer.status_code == 200:
                taken.append(order_id)
            else:
                assert answer.status_code == 503 and "Retry-After" in answer.headers, answer.text
            return answer.status_code == 200

        def settled() -> bool:
            summary = collector.get("summary")
            return bool(summary["judged"]["settled"]) and summary["spans"] == 5 * len(taken)

        assert take("WELL")
        wait_until(settled, "the first order", 60)

        filler = disk / "filler"
        with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(2**20)):
                pass
        assert not take("FULL")
        assert "the disk is nearly full" in readiness()
        assert collector.get("orders", trivial="true")["total"] == 1
        filler.unlink()
        wait_until(lambda: take("ROOM"), "room")
        wait_until(settled, "the order after the full disk", 60)
        wait_until(lambda: not readiness(), "the reasons to be gone")

    # a disk turns read-only only while nobody writes to it
    mounted(disk, "-o", "remount,ro")
    refused = choreoscope("serve", "--data", disk / "data", "--http-port", "0", "--grpc-port", "0")
    assert refused.returncode != 0 and "Read-only file system" in refused.stderr
    assert "Traceback" not in refused.stderr
    mounted(disk, "-o", "remount,rw")
    with Served(disk / "data") as again:
        wait_until(lambda: again.get("summary")["judged"]["settled"], "the restart", 60)
        listed = again.get("orders", trivial="true")["orders"]
        assert {order["order_id"]: order["span_count"] for order in listed} == dict.fromkeys(
            taken, 5
        )
