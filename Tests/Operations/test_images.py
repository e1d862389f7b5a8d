"""Dockerfile and compose file, as far as they can be held to the tree without an engine."""

import re
from fnmatch import fnmatch

import yaml

from conftest import ROOT

FOLDER = ROOT / "deploy/docker"


def instructions():
    """(instruction, rest) with continued lines joined."""
    text = re.sub(r"^#.*\n", "", (FOLDER / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def stages():
    found = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def sources():
    """What is copied out of the tree."""
    for name, rest in instructions():
        if name == "COPY" and "--from" not in rest:
            yield from rest.split()[:-1]


def test_what_is_copied_exists_and_is_not_ignored():
    kept = [line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    assert list(sources())
    for source in sources():
        assert (ROOT / source).exists(), source
        assert any(source == line or source.startswith(f"{line}/") for line in kept), f"{source} is ignored"
    for line in kept:
        assert (ROOT / line).exists(), line


def test_the_image_holds_all_that_the_build_reads():
    copied = list(sources())
    manifest = (ROOT / "Package.swift").read_text()
    for path in [*re.findall(r'path: "([^"]+)"', manifest), "scripts/deb", "deploy/systemd", "deploy/debian", "clients"]:
        assert any(path == source or path.startswith(f"{source}/") for source in copied), f"{path} is not copied"


def test_images_are_pinned_and_package_lists_do_not_stay():
    for name, rest in instructions():
        if name == "FROM":
            image = rest.split()[0]
            assert ":" in image and not image.endswith(":latest"), image
        if name == "RUN" and "apt-get install" in rest:
            assert "--no-install-recommends" in rest and "rm -rf /var/lib/apt/lists/*" in rest, rest
            assert re.search(r"apt-get update\s+&&", rest), rest


def test_it_runs_as_nobody_s_root_without_a_build_in_it():
    build, run = stages()
    names = [name for name, _ in run]
    assert dict(run)["USER"] == "apus" and names.index("USER") > names.index("RUN")
    assert not any("swift" in rest for _, rest in run)
    for name in ("ENTRYPOINT", "CMD"):
        assert dict(run)[name].startswith("["), "a shell would swallow the signal that drains"
    assert dict(run)["STOPSIGNAL"] == "SIGTERM"
    assert '["apus", "health"]' in dict(run)["HEALTHCHECK"]


def test_the_settings_of_the_image_are_settings():
    known = set(re.findall(r"`(APUS_[A-Z_]+)`", (ROOT / "docs/configuration.md").read_text()))
    used = {pair.split("=")[0] for name, rest in instructions() if name == "ENV" for pair in rest.split()}
    used |= set(service()["environment"])
    assert used and used <= known, used - known


def service():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]["apus"]


def test_compose_lets_it_write_its_data_and_nothing_else():
    assert service()["read_only"] is True and service()["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service()["security_opt"]
    data = dict(stages()[1])["VOLUME"]
    assert [volume.split(":")[1] for volume in service()["volumes"]] == [data]
    assert (ROOT / service()["build"]["dockerfile"]).exists()
    assert (FOLDER / service()["build"]["context"]).resolve() == ROOT


def test_compose_waits_for_the_drain():
    default = re.search(r"`drain.deadline_ms`.*?`(\d+)` \|", (ROOT / "docs/configuration.md").read_text()).group(1)
    assert int(service()["stop_grace_period"].removesuffix("s")) >= int(default) / 1000 + 10


def test_the_ignored_are_ignored():
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert lines[0] == "*" and any(fnmatch("clients/js/node_modules", line.replace("**/", "*/")) for line in lines)
