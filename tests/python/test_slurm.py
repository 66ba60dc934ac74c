# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""A sweep as jobs of Slurm: a controller and a node on the loopback interface."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from wfl_analysis.errors import UserError
from wfl_analysis.sweep_file import load_sweep
from wfl_analysis.sweep_runner import run_sweep

SWEEP = """
title: test
seeds: 2
target_accuracy: 0.5
options: {workers: 4}
variants:
  plain:
"""

STAND_IN = """#!/bin/sh
echo "${SLURM_JOB_ID:-none}" >> "$(dirname "$0")/log"
for a; do case $a in --output=*) mkdir -p "${a#*=}"; touch "${a#*=}/summary.json";; esac; done
"""

CONFIGURATION = """
ClusterName=wfl
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
NodeName=localhost NodeAddr=127.0.0.1 CPUs={cores} RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=localhost Default=YES MaxTime=INFINITE State=UP
"""

DAEMONS = {
    "munged": "munge",
    "slurmctld": "slurm-wlm",
    "slurmd": "slurm-wlm",
    "sbatch": "slurm-wlm",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*command):
    try:
        result = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"this machine does not start {command[0]}: {error}")
    if result.returncode != 0:
        pytest.skip(f"this machine does not start {command[0]}: {result.stdout.strip()}")


def stop(folder, *daemons):
    for name in daemons:
        file = folder / f"{name}.pid"
        if file.exists() and file.read_text().strip():
            subprocess.run(["kill", file.read_text().strip()], check=False)


def node_state():
    result = subprocess.run(
        ["sinfo", "--noheader", "--format=%t"], capture_output=True, text=True, check=False
    )
    return result.stdout.strip()


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Start a cluster of this machine, for as long as a test lasts."""
    for program, package in DAEMONS.items():
        if shutil.which(program) is None and not Path(f"/usr/sbin/{program}").exists():
            pytest.skip(f"there is no {program} here; install {package}")
    if os.geteuid() != 0:
        pytest.skip("Slurm starts jobs as root only")
    folder = tmp_path / "cluster"
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    configuration = folder / "slurm.conf"
    configuration.write_text(
        CONFIGURATION.format(
            user="root",
            folder=folder,
            cores=len(os.sched_getaffinity(0)),
            controller_port=free_port(),
            node_port=free_port(),
        )
    )
    monkeypatch.setenv("SLURM_CONF", str(configuration))
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")
    files = {"socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    files.update({"key-file": "munge.key", "seed-file": "munge.seed"})
    try:
        start("munged", "--force", *(f"--{k}={folder / v}" for k, v in files.items()))
        start("slurmctld", "-f", str(configuration))
        start("slurmd", "-f", str(configuration), "-N", "localhost")
        end = time.monotonic() + 60
        while node_state() != "idle":
            if time.monotonic() > end:
                pytest.skip(f"the node does not become idle: {node_state()!r}")
            time.sleep(0.5)
        yield folder
    finally:
        stop(folder, "slurmd", "slurmctld", "munged")


def test_a_sweep_runs_as_jobs(cluster, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SWEEP)
    stand_in = tmp_path / "program"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    sweep = load_sweep(path, tmp_path)
    run_sweep(sweep, stand_in, profile="slurm")
    assert all(run.done for run in sweep.runs)
    jobs = (tmp_path / "log").read_text().split()
    assert len(set(jobs)) == 2 and all(job.isdecimal() for job in jobs)

    # Going on is the same as on one machine; a job that fails is told of.
    (sweep.runs[1].folder / "summary.json").unlink()
    stand_in.write_text("#!/bin/sh\necho wrong >&2; exit 2\n")
    with pytest.raises(UserError, match="plain, seed 2: wrong"):
        run_sweep(sweep, stand_in, profile="slurm")
    assert sweep.runs[0].done
