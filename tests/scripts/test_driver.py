# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The driver script, in a source folder of its own and with stand-ins for its tools."""

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest
from fakes import REPOSITORY, write_program

PACKAGES = (
    "g++ cmake ninja-build libns3-dev ns3 libeigen3-dev libboost-dev "
    "libboost-iostreams-dev nlohmann-json3-dev libisal-dev libgtest-dev libbenchmark-dev "
    "dataset-fashion-mnist snakemake python3-pandas python3-yaml python3-matplotlib "
    "libjs-dygraphs python3-pytest"
).split()
NINJA = """
case $* in
    *"-t targets all") printf 'bin/hello: CXX_EXECUTABLE_LINKER__hello\\n' ;;
    *"-n hello") echo "ninja: no work to do." ;;
esac"""


class Tree:
    """A source folder with the script, and a folder of stand-ins before all others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tools = folder / "tools"
        self.calls = folder / "calls"
        shutil.copy(REPOSITORY / "wfl", folder)
        shutil.copy(REPOSITORY / "CMakePresets.json", folder)
        self.tool("id", "echo 1000")
        self.packages(*PACKAGES)
        self.tool("apt-get")
        self.tool("sudo", 'if [[ $1 != -n && $1 != true ]]; then "$@"; fi')
        self.tool("cmake", "echo cmake says hello")
        self.tool("ninja", NINJA)
        self.tool("ctest", "echo 100% tests passed")

    def tool(self, name: str, script: str = "") -> None:
        """Make a stand-in that writes down how it was called."""
        record = f'echo "{name} $*" >>"{self.calls}"\n'
        write_program(self.tools / name, record + script)

    def packages(self, *installed: str) -> None:
        lines = "".join(f"installed {name}\\n" for name in installed)
        write_program(
            self.tools / "dpkg-query", f"printf '{lines}config-files gone\\n'\nexit 1"
        )

    def program(self, name: str, script: str) -> None:
        write_program(self.folder / "build" / "release" / "bin" / name, script)

    def called(self, tool: str) -> list[str]:
        """Give the calls of one stand-in."""
        lines = self.calls.read_text().splitlines() if self.calls.is_file() else []
        return [line for line in lines if line.split()[0] == tool]

    def run(
        self, *arguments: str, ci: bool = False, **options: object
    ) -> "subprocess.CompletedProcess[str]":
        """Call the script; without a terminal unless ``stdin`` is one."""
        settings = {"stdin": subprocess.DEVNULL, "cwd": self.folder, **options}
        environment = {k: v for k, v in os.environ.items() if k != "CI"}
        environment["PATH"] = f"{self.tools}:{environment['PATH']}"
        environment.update({"CI": "true"} if ci else {})
        return subprocess.run(
            [str(self.folder / "wfl"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            **settings,  # type: ignore[call-overload]
        )

    def answer(self, text: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Call the script at a terminal where somebody types ``text``."""
        try:
            master, slave = pty.openpty()
        except OSError as error:
            pytest.skip(f"this machine gives no terminal: {error}")
        try:
            os.write(master, text.encode())
            return self.run(*arguments, stdin=slave)
        finally:
            os.close(master)
            os.close(slave)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["fly"], "no command 'fly'; see ./wfl help"),
        (["setup", "now"], "setup does not take 'now'"),
        (["test", "--everything"], "test does not take '--everything'"),
        (["build", "fast"], "no preset 'fast'; there are release debug asan"),
        (["build", "debug", "fast"], "does not take 'fast'"),
        (["run"], "name a program first"),
        (["run", "--help"], "name a program first"),
        (["run", "goodbye"], "no program 'goodbye'; there are: hello"),
    ],
)
def test_wrong_arguments(tree: Tree, arguments: list[str], message: str) -> None:
    done = tree.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("wfl: ")
    assert message in done.stderr


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"]])
def test_help(tree: Tree, arguments: list[str]) -> None:
    done = tree.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ./wfl COMMAND")


def test_nothing_is_done_where_nothing_is_missing(tree: Tree) -> None:
    done = tree.run("setup")
    assert (done.returncode, done.stderr) == (0, "wfl: every package is installed\n")
    assert tree.called("sudo") + tree.called("apt-get") == []


def test_only_what_is_missing_is_installed(tree: Tree) -> None:
    tree.packages(*[name for name in PACKAGES if name not in ("g++", "libgtest-dev")])
    done = tree.run("setup")
    assert done.returncode == 0
    assert done.stderr.splitlines()[:3] == [
        "wfl: these distribution packages are missing:",
        "    g++                     compiles the simulator",
        "    libgtest-dev            tests of the simulator",
    ]
    update, install = tree.called("apt-get")
    assert update.endswith(" update")
    assert install.startswith(
        "apt-get install --yes --no-install-recommends g++ libgtest-dev -q"
    )
    assert all(
        call == "sudo -n true" or call.startswith("sudo env DEBIAN_FRONTEND=")
        for call in tree.called("sudo")
    )


def test_root_needs_no_sudo(tree: Tree) -> None:
    tree.packages()
    tree.tool("id", "echo 0")
    assert tree.run("setup").returncode == 0
    assert len(tree.called("apt-get")) == 2
    assert tree.called("sudo") == []


def test_without_root_the_command_is_printed(tree: Tree) -> None:
    tree.packages(*PACKAGES[1:])
    tree.tool("sudo", "exit 1")
    done = tree.run("setup")
    assert done.returncode == 2
    assert done.stderr.endswith(
        "please run as root: apt-get update && "
        "apt-get install --yes --no-install-recommends g++\n"
    )
    assert tree.called("apt-get") == []


@pytest.mark.parametrize("text, installs", [("n\n", 0), ("y\n", 2), ("\n", 2)])
def test_somebody_at_a_terminal_is_asked(tree: Tree, text: str, installs: int) -> None:
    tree.packages(*PACKAGES[1:])
    done = tree.answer(text, "setup")
    assert "as root (nothing else is done as root)? [Y/n]" in done.stderr
    assert done.returncode == (0 if installs else 2)
    assert len(tree.called("apt-get")) == installs
    assert ("please run as root: apt-get" in done.stderr) == (installs == 0)


@pytest.mark.parametrize("arguments", [["--yes", "setup"], ["setup", "--yes"]])
def test_yes_answers_beforehand(tree: Tree, arguments: list[str]) -> None:
    tree.packages(*PACKAGES[1:])
    done = tree.answer("", *arguments)
    assert done.returncode == 0
    assert "[Y/n]" not in done.stderr
    assert len(tree.called("apt-get")) == 2


def test_a_failing_installation_is_an_error(tree: Tree) -> None:
    tree.packages(*PACKAGES[1:])
    tree.tool("apt-get", "echo no space left; exit 100")
    done = tree.run("setup")
    assert done.returncode == 1
    assert "no space left" in done.stderr
    assert done.stderr.endswith("its reason stands above\n")


def test_pictures_need_no_compiler(tree: Tree) -> None:
    tree.packages("python3-pandas", "python3-pytest")
    tree.tool("apt-get", "exit 100")
    done = tree.run("plot", "results")
    assert "python3-matplotlib" in done.stderr
    assert "g++" not in done.stderr


def test_build_is_quiet(tree: Tree) -> None:
    done = tree.run("build", "debug")
    assert (done.returncode, done.stdout) == (0, "")
    assert "cmake says hello" not in done.stderr
    assert tree.called("cmake") == [
        "cmake --preset debug",
        "cmake --build --preset debug --target all",
    ]
    log = tree.folder / "build" / "debug" / "build.log"
    assert log.read_text() == "cmake says hello\n"


def test_a_failing_build_shows_its_first_failure(tree: Tree) -> None:
    tree.tool("cmake", "echo '[1/2] Building a'; echo 'FAILED: a'; echo why; exit 1")
    done = tree.run("build")
    assert done.returncode == 1
    assert "FAILED: a\nwhy\n" in done.stderr
    assert "Building a" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("wfl: configuring (release) failed")


def test_continuous_integration_installs_what_single_tests_need(tree: Tree) -> None:
    assert tree.run("test").returncode == 0
    assert tree.called("apt-get") == []
    assert tree.run("test", ci=True).returncode == 0
    assert "chromium-driver" in tree.called("apt-get")[-1]


def test_test_ends_with_the_lines_and_the_exit_code_of_ctest(tree: Tree) -> None:
    tree.tool("ctest", "echo 50% tests passed; exit 8")
    done = tree.run("test")
    assert (done.returncode, done.stdout) == (8, "50% tests passed\n")
    assert "--output-on-failure" in tree.called("ctest")[0]


def test_run_hands_everything_through(tree: Tree) -> None:
    tree.program("hello", "pwd; printf '<%s>' \"$@\"; cat; exit 7")
    elsewhere = tree.folder / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [str(tree.folder / "wfl"), "run", "hello", "a b", "--yes", "*", ""],
        cwd=elsewhere,
        env={**os.environ, "PATH": f"{tree.tools}:{os.environ['PATH']}"},
        input="typed",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == f"{elsewhere}\n<a b><--yes><*><>typed"
    assert tree.called("cmake") == []


def test_run_builds_what_is_not_built(tree: Tree) -> None:
    target = tree.folder / "build" / "release" / "bin" / "hello"
    tree.tool(
        "cmake",
        f"mkdir -p {target.parent}; echo 'echo built' >{target}; chmod +x {target}",
    )
    done = tree.run("run", "hello")
    assert (done.returncode, done.stdout) == (0, "built\n")
    assert tree.called("cmake") == [
        "cmake --preset release",
        "cmake --build --preset release --target hello",
    ]


def test_every_package_is_known_to_the_tests() -> None:
    script = (REPOSITORY / "wfl").read_text(encoding="utf-8")
    for name in PACKAGES:
        assert f'    "{name} ' in script
