"""What the benchmarks' scripts share: the machine that figures are of, and files for them."""

import json
import os
import platform
import subprocess
import sys


def output_of(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine():
    cpu = "unknown"
    flags = set()
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                cpu = value.strip()
            if key.strip() == "flags":
                flags = set(value.split())
    wanted = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"]
    return {
        "cpu": cpu,
        "processors": os.cpu_count(),
        "instructions": [name for name in wanted if name in flags],
        "system": platform.platform(),
        "compiler": output_of(["c++", "--version"]).partition("\n")[0],
        "onednn": output_of(["dpkg-query", "-W", "-f=${Version}", "libdnnl-dev"]),
        "load": os.getloadavg()[0],
    }


def warn_if_busy(load):
    if load > 0.5:
        print("the machine is busy: figures will be too large", file=sys.stderr)


def print_machine(described):
    for key, value in described.items():
        print(f"{key + ':':14}{value}")
    warn_if_busy(described["load"])
    print()


def refuse_unwritable(parser, path):
    """Tells now, and not after half an hour, of a file that cannot be written; of none, nothing."""
    if not path:
        return
    try:
        open(path, "a", encoding="utf-8").close()
    except OSError as error:
        parser.error(f"{path}: {error.strerror}")


def write_json(figures, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=2)
        file.write("\n")
