"""The bench runs, and says everything that it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_tiny_run_has_every_figure(tmp_path: Path) -> None:
    """One round without latency: each arm's case is right in Serviweb's ledger, and the JSON holds every figure."""
    file = tmp_path / "datos.json"
    command = [sys.executable, "benchmarks/bench.py", "--rounds", "1", "--latency", "0", "--json", str(file)]
    environment = os.environ | {"COLUMNS": "120", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Segundos por caso, mediana" in done.stdout
    data = json.loads(file.read_text(encoding="utf-8"))
    (latency,) = data["latencies"]
    assert (data["rounds"], latency["latency_ms"]) == (1, 0)
    assert [case["arm"] for case in latency["cases"]] == ["guion", "ninguna", "grabacion"]
    for arm in latency["arms"].values():
        for key in ("median_seconds", "p95_seconds", "cpu_seconds", "peak_rss_bytes"):
            assert arm[key] > 0, key
        assert arm["bytes"]["papeles"] > 0
        assert {"3", "14", "22 bis", "31"} <= arm["steps"].keys()
    bytes_of = {name: arm["bytes"] for name, arm in latency["arms"].items()}
    assert bytes_of["grabacion"]["grabacion"] > 0
    assert bytes_of["grabacion"]["imagenes"] > 0
    assert bytes_of["ninguna"]["grabacion"] == bytes_of["ninguna"]["imagenes"] == bytes_of["guion"]["grabacion"] == 0
    assert latency["ratios"].keys() == latency["ratios_with_page"].keys() == {"B/A", "C/A", "C/B"}
    assert data["machine"]["browser"]
