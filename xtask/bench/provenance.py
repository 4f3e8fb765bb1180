"""What a table was made with: the machine and the versions."""

import os
import platform
import subprocess
from pathlib import Path

PACKAGES = {
    "bench": ("duckdb", "polars"),
    "evidently": ("evidently",),
    "nannyml": ("nannyml",),
    "whylogs": ("whylogs",),
}
ASK = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"


def versions(programs):
    """Name and version of Keepwell and of the packages that are measured."""
    found = [subprocess.run([programs["keepwell"], "--version"], capture_output=True, text=True, check=True).stdout]
    for name, packages in PACKAGES.items():
        if name in programs:
            shown = subprocess.run([programs[name], "-c", ASK, *packages], capture_output=True, text=True, check=True)
            found += [f"{package} {number}" for package, number in zip(packages, shown.stdout.split())]
    return ", ".join(text.strip() for text in found)


def machine():
    """What this runs on."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores"
