"""The power cut itself: what was synced stays, what was not may be lost, torn and out of order."""

import shutil
import subprocess
import sys

import pytest

from power.cut import SECTOR, PowerCut, build


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return build(tmp_path_factory.mktemp("power") / "cut.so")


@pytest.fixture
def act(tmp_path, library):
    """Runs a program in a watched folder; gives a function that lets the power fail there, as the seed wants it."""

    def run(program, die=None, fail=None):
        began = tmp_path / f"began-{len(list(tmp_path.iterdir()))}"
        (began / "data").mkdir(parents=True)
        settings = PowerCut(began / "data", 0, library).settings(0, die, fail)
        code = f"import os\nfolder = {str(began / 'data')!r}\n{WRITE}\n{program}"
        environment = {name: str(value) for name, value in settings.items()}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=30)
        assert done.returncode == (-9 if die else 0), done.stderr.decode()

        def power_fails(seed=0, thorough=False):
            ended = began.with_name(f"{began.name}-{seed}")
            shutil.copytree(began, ended)
            cut = PowerCut(ended / "data", seed, library, thorough=thorough)
            cut.strike(0)
            return cut

        return power_fails

    return run


def outcomes(fail, name, seeds=60):
    """What a file may hold afterwards, over many cuts; None where it is gone."""
    paths = [fail(seed).folder / name for seed in range(seeds)]
    return {path.read_bytes() if path.exists() else None for path in paths}


WRITE = """
def write(name, content, offset=0, sync=True):
    fd = os.open(f"{folder}/{name}", os.O_RDWR | os.O_CREAT)
    os.pwrite(fd, content, offset)
    if sync: os.fsync(fd)
    os.close(fd)
def keep():
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)
"""


def test_what_was_synced_stays(act):
    assert outcomes(act("write('a', b'x' * 2000); keep()"), "a") == {b"x" * 2000}


def test_what_was_not_synced_may_be_lost_or_not(act):
    found = outcomes(act("write('a', b'old'); keep(); write('a', b'new', sync=False)"), "a")
    assert found == {b"old", b"new"}


def test_a_write_of_several_sectors_may_be_torn_anywhere(act):
    old, new = b"o" * 3 * SECTOR, b"n" * 3 * SECTOR
    found = outcomes(act(f"write('a', {old!r}); keep(); write('a', {new!r}, sync=False)"), "a")
    sectors = {tuple(content[at : at + 1] for at in (0, SECTOR, 2 * SECTOR)) for content in found}
    assert {(b"o", b"o", b"o"), (b"n", b"n", b"n"), (b"o", b"n", b"o"), (b"n", b"o", b"n")} <= sectors


def test_a_later_write_may_reach_the_disk_without_an_earlier_one(act):
    program = f"write('a', bytes({2 * SECTOR})); keep()\nwrite('a', b'1', 0, False); write('a', b'2', {SECTOR}, False)"
    found = {(content[0:1], content[SECTOR : SECTOR + 1]) for content in outcomes(act(program), "a")}
    assert found == {(one, two) for one in (b"\0", b"1") for two in (b"\0", b"2")}


def test_a_file_that_grew_may_be_short_again_or_have_a_hole(act):
    program = f"write('a', b'begin'); keep(); write('a', b'y' * {2 * SECTOR}, {SECTOR}, False)"
    found = outcomes(act(program), "a")
    assert {b"begin", b"begin".ljust(SECTOR, b"\0") + b"y" * 2 * SECTOR} <= found
    assert b"begin".ljust(2 * SECTOR, b"\0") + b"y" * SECTOR in found


def test_a_truncation_may_be_lost(act):
    program = f"write('a', b'z' * {3 * SECTOR}); keep(); os.truncate(os.open(folder + '/a', os.O_RDWR), 10)"
    assert {b"z" * 3 * SECTOR, b"z" * 10} <= outcomes(act(program), "a")


def test_a_file_whose_folder_was_not_synced_may_be_gone(act):
    assert outcomes(act("write('a', b'synced')"), "a") == {b"synced", None}


def test_a_link_a_name_and_a_removal_may_be_lost(act):
    made = "write('draft', b'key'); keep()\n"
    linked = made + "os.link(folder + '/draft', folder + '/a'); os.unlink(folder + '/draft')"
    assert outcomes(act(linked), "a") == {b"key", None}
    assert outcomes(act(linked), "draft") == {b"key", None}
    renamed = made + "write('a', b'old'); keep(); os.rename(folder + '/draft', folder + '/a')"
    assert outcomes(act(renamed), "a") == {b"key", b"old"}


def test_the_process_can_be_made_to_die_before_a_certain_write(act):
    cut = act("write('b', b'b')\nfor number in range(9): write('a', b'%d' % number); keep()", die="a:7")()
    # A write and a sync each: it dies before the fourth write.
    assert (cut.folder / "a").read_bytes() == b"2"
    assert cut.figures["sectors lost"] == 0


def test_a_thorough_cut_leaves_only_what_was_synced(act):
    power_fails = act("write('a', b'old'); keep(); write('a', b'new', sync=False); write('b', b'in no folder')")
    cut = power_fails(thorough=True)
    assert [path.name for path in cut.folder.iterdir()] == ["a"]
    assert (cut.folder / "a").read_bytes() == b"old"


FAILING = """
def attempt(content):
    fd = os.open(f"{folder}/a", os.O_RDWR | os.O_CREAT)
    os.pwrite(fd, content, 0)
    try: os.fsync(fd)
    except OSError as error: assert error.errno == 5
    os.close(fd)
write('a', b'old'); keep()
"""


def test_what_a_failed_sync_left_is_not_synced_by_the_next_one(act):
    again = "os.fsync(os.open(f'{folder}/a', os.O_RDWR))"
    assert outcomes(act(FAILING + f"attempt(b'new'); {again}", fail="a:2:1"), "a") == {b"old", b"new"}


def test_what_is_written_again_after_a_failed_sync_is_synced_by_the_next_one(act):
    assert outcomes(act(FAILING + "attempt(b'new'); attempt(b'new')", fail="a:2:1"), "a") == {b"new"}


def test_other_folders_and_shared_memory_are_left_alone(act):
    program = "os.mkdir(folder + '/in'); write('in/b', b'kept', sync=False)\nwrite('a-shm', b'gone', sync=False)"
    cut = act(program)()
    assert (cut.folder / "in" / "b").read_text() == "kept"
    assert not (cut.folder / "a-shm").exists()
    assert not cut.figures
