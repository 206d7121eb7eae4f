"""The folder of `tracker broker init`: what is in it, who can read it, and that what has been handed out stays valid."""

import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.broker.hut import init, passwords_in
from tests.conftest import EVENT_TOML, Tracker, race_toml
from tracker.broker.certificates import good_until, hosts_in
from tracker.broker.passwords import hashed, new_password

OFFICE = ["tracker", "standby", "desk", "screen"]
SCANNERS = [f"{station}-{number}" for station in ("village", "col", "hut", "ridge") for number in (1, 2)]
NO_STATION = "is named after no station; write STATION-NAME, for example village-3; the stations are village, col, hut, ridge"
NEW_STATION = race_toml("10k", 500, ("start", "spring", 0.0, None), ("finish", "village", 10.0, None))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "hut"
    assert init(made, "--host", "timing.example", "--host", "10.0.0.7") == 0
    return made


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_nobody_but_its_owner_reads_a_secret(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    open_to_all = {name for name, mode in modes.items() if mode & 0o077}
    assert open_to_all == {"ca.crt", "server.crt", "mosquitto.conf", "broker.toml"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secrets = passwords_in(folder).values()
    for name in open_to_all | {"acl", "passwords"}:
        text = (folder / name).read_text()
        assert "PRIVATE" not in text
        assert not [secret for secret in secrets if secret in text]


def test_each_scanner_has_an_account_with_a_password_of_its_own(folder: Path) -> None:
    found = passwords_in(folder)
    assert list(found) == OFFICE + SCANNERS
    assert len(set(found.values())) == len(found)
    assert all(re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", password) for password in found.values())
    assert [line.split(":$7$")[0] for line in (folder / "passwords").read_text().splitlines()] == list(found)
    for name in OFFICE:
        assert (folder / f"{name}.password").read_text() == found[name] + "\n"


def test_a_card_says_all_that_a_volunteer_types_and_only_scanners_have_one(folder: Path) -> None:
    cards = (folder / "devices.txt").read_text().split("-" * 78 + "\n")
    assert cards[0] == "Hill Race: a card a scanner. Each is a secret: hand out one alone.\n"
    [card] = [card for card in cards if "user       col-2\n" in card]
    assert dict(line.split(maxsplit=1) for line in card.replace("CA file", "CA").splitlines()) == {
        "station": "col",
        "device": "col-2",
        "broker": "mqtts://timing.example:8883",
        "user": "col-2",
        "password": passwords_in(folder)["col-2"],
        "CA": "ca.crt",
        "publish": "tracker/hill/col/passage, QoS 1",
        "also": "…/withdrawal, …/heartbeat",
        "subscribe": "tracker/hill/live/ack/col-2",
    }
    assert len(cards) == 1 + len(SCANNERS) + 1
    assert not any(passwords_in(folder)[name] in "".join(cards) for name in OFFICE)


def test_the_certificate_is_for_every_host_and_outlives_the_season(folder: Path) -> None:
    certificate = (folder / "server.crt").read_bytes()
    assert hosts_in(certificate) == ["timing.example", "localhost", "10.0.0.7", "127.0.0.1", "::1"]
    now = datetime.now(UTC)
    assert now + timedelta(days=700) < good_until(certificate) < now + timedelta(days=825)
    assert good_until((folder / "ca.crt").read_bytes()) > good_until(certificate)


def test_the_configuration_is_as_free_of_loss_as_mosquitto_can_be(folder: Path) -> None:
    lines = (folder / "mosquitto.conf").read_text().splitlines()
    wanted = [
        "persistence true",
        "autosave_interval 1",
        "max_queued_messages 10000000",
        "max_inflight_messages 1000",
        "allow_anonymous false",
    ]
    assert set(wanted) < set(lines)
    assert not [line for line in lines if line.startswith(("set_tcp_nodelay", "persistent_client_expiration"))]


def test_init_again_changes_nothing_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(folder)
    capsys.readouterr()
    assert init(folder) == 0
    assert everything(folder) == before
    assert f"{folder}: 12 accounts kept as handed out; nothing was missing\n" in capsys.readouterr().out


def test_a_new_station_and_one_more_device_are_added_and_all_else_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, handed_out = everything(folder), passwords_in(folder)
    event = folder.parent / "longer.toml"
    event.write_text(EVENT_TOML + NEW_STATION)
    capsys.readouterr()
    assert init(folder, "--device", "col-3", event=event) == 0
    said = capsys.readouterr().out
    assert f"{folder}: added 3 accounts: col-3, spring-1, spring-2\n{folder}: 12 accounts kept as handed out\n" in said
    after = everything(folder)
    assert {name: password for name, password in passwords_in(folder).items() if name in handed_out} == handed_out
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"accounts.csv", "acl", "passwords", "devices.txt"}
    for name in changed - {"devices.txt"}:
        assert after[name].startswith(before[name])
    assert after["devices.txt"].count(b"  password ") == 11
    assert b"\nuser spring-1\ntopic write tracker/hill/spring/passage\n" in after["acl"]


def test_the_number_of_devices_stays_until_another_is_wanted(tmp_path: Path) -> None:
    folder = tmp_path / "hut"
    assert init(folder, "--devices", 1) == 0
    assert init(folder, "--device", "hut-in") == 0
    one_each = OFFICE + [f"{station}-1" for station in ("village", "col", "hut", "ridge")]
    assert list(passwords_in(folder)) == [*one_each, "hut-in"]
    assert init(folder, "--devices", 2) == 0
    assert set(passwords_in(folder)) == {*OFFICE, *SCANNERS, "hut-in"}
    assert init(folder) == 0
    assert len(passwords_in(folder)) == 13


def test_a_table_that_somebody_has_saved_otherwise_is_said_and_kept(folder: Path, tracker: Tracker) -> None:
    table = folder / "accounts.csv"
    table.write_text(table.read_text().replace(",", ";"))
    before = everything(folder)
    said = tracker("broker", "init", folder, "--event", folder.parent / "hill.toml", "--device", "col-3")
    assert (said.code, said.err.startswith(f"tracker: {table}: is not as it was made; ")) == (1, True)
    assert everything(folder) == before
    table.write_bytes(b"\xff\xfe")
    said = tracker("broker", "init", folder, "--event", folder.parent / "hill.toml", "--device", "col-3")
    assert (said.code, said.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "content", ["", "event = 'hill'", "no toml", 'event = "hill"\nroot = "tracker"\nport = 1\nhosts = []\ndevices = 2\n']
)
def test_a_folder_that_no_longer_says_what_it_is_for_is_left_alone(folder: Path, content: str, tracker: Tracker) -> None:
    (folder / "broker.toml").write_text(content)
    before = everything(folder)
    for words in (("init", folder, "--event", folder.parent / "hill.toml"), ("run", folder)):
        said = tracker("broker", *words)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert said.err.startswith(f"tracker: {folder}/broker.toml: cannot be read (")
    assert everything(folder) == before


def test_an_account_whose_station_is_gone_stays_and_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shorter = folder.parent / "shorter.toml"
    shorter.write_text(EVENT_TOML.replace('station = "ridge"', 'station = "hut"'))
    before = everything(folder)
    capsys.readouterr()
    assert init(folder, event=shorter) == 0
    assert "doubt: account ridge-1 is of no station of the event; it stays valid until its line in " in capsys.readouterr().out
    assert everything(folder) == before


@pytest.mark.parametrize("last", ["accounts.csv", "acl"])
def test_an_init_that_was_cut_short_is_finished_with_the_same_passwords(folder: Path, last: str) -> None:
    whole = {name: text for name, text in everything(folder).items() if name in {"accounts.csv", "acl", "devices.txt"}}
    (folder / "passwords").write_text("")
    if last == "accounts.csv":
        (folder / "acl").write_text((folder / "acl").read_text().split("\nuser")[0])
    assert init(folder) == 0
    assert {name: everything(folder)[name] for name in whole} == whole
    assert len((folder / "passwords").read_text().splitlines()) == 12


def test_a_certificate_that_was_deleted_is_made_anew_for_other_hosts_by_the_same_authority(folder: Path) -> None:
    before = everything(folder)
    (folder / "server.crt").unlink()
    (folder / "server.key").unlink()
    assert init(folder, "--host", "hut.example") == 0
    after = everything(folder)
    assert hosts_in(after["server.crt"])[0] == "hut.example"
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"server.crt", "server.key", "broker.toml"}


def test_a_password_is_hashed_with_a_salt_of_its_own() -> None:
    assert hashed("col-1", "a") != hashed("col-1", "a")
    assert new_password() != new_password()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ["--host", "https://hut"],
            "--host https://hut: is no host name and no IP address; write for example timing.example or 192.168.1.10",
        ),
        (
            ["--host", "10.0.0.256"],
            "--host 10.0.0.256: is no host name and no IP address; write for example timing.example or 192.168.1.10",
        ),
        (["--host", ""], "--host : is no host name and no IP address; write for example timing.example or 192.168.1.10"),
        (["--host", "*.example"], "--host *.example: is no host name and no IP address; write for example timing.example or 192.168.1.10"),
        (["--root", "a/+"], "--root a/+: cannot stand in a topic; use letters, digits, - _ and . alone, for example tracker"),
        (["--root", "#"], "--root #: cannot stand in a topic; use letters, digits, - _ and . alone, for example tracker"),
        (
            ["--device", "tent-1"],
            f"--device tent-1: {NO_STATION}",
        ),
        (
            ["--device", "col-a b"],
            f"--device col-a b: {NO_STATION}",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_line_and_nothing_is_made(words: list[str], error: str, tmp_path: Path, tracker: Tracker) -> None:
    (tmp_path / "hill.toml").write_text(EVENT_TOML)
    said = tracker("broker", "init", tmp_path / "hut", "--event", tmp_path / "hill.toml", *words)
    assert (said.code, said.out, said.err) == (1, "", f"tracker: {error}\n")
    assert not (tmp_path / "hut").exists()


@pytest.mark.parametrize("station", ["col/1", "c+l", "#", "col 1", "kol\\nuser col"])
def test_a_station_that_can_be_in_no_topic_is_a_fault_of_the_event_file(station: str, tmp_path: Path, tracker: Tracker) -> None:
    (tmp_path / "hill.toml").write_text(EVENT_TOML.replace('station = "col"', f'station = "{station}"'))
    said = tracker("broker", "init", tmp_path / "hut", "--event", tmp_path / "hill.toml")
    assert said.code == 1
    assert 'checkpoint "col": station "' in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "hut").exists()


def test_what_speaks_against_a_folder_that_is_there_is_said_and_changes_nothing(folder: Path, tracker: Tracker) -> None:
    before = everything(folder)
    other = folder.parent / "other.toml"
    other.write_text(EVENT_TOML.replace('id = "hill"', 'id = "dale"'))
    hill = folder.parent / "hill.toml"
    anew = "delete server.crt and server.key there and say init again with every --host (devices keep their ca.crt)"
    stays = "and what is handed out stays valid; give a new folder"
    for words, error in (
        (["--event", other], f"{folder}: was made for event hill, not dale, {stays}"),
        (["--event", hill, "--port", "8884"], f"{folder}: was made for port 8883, not 8884, {stays}"),
        (["--event", hill, "--root", "race"], f"{folder}: was made for root tracker, not race, {stays}"),
        (
            ["--event", hill, "--host", "10.0.0.8"],
            f"{folder}: its certificate is not for 10.0.0.8; {anew}",
        ),
    ):
        said = tracker("broker", "init", folder, *words)
        assert (said.code, said.out, said.err) == (1, "", f"tracker: {error}\n")
    assert everything(folder) == before


def test_half_a_certificate_is_said_and_not_made_anew(folder: Path, tracker: Tracker) -> None:
    (folder / "ca.crt").rename(folder.parent / "ca.crt")
    words = ("broker", "init", folder, "--event", folder.parent / "hill.toml")
    assert tracker(*words).err == f"tracker: {folder}/ca.crt: is missing, and devices trust no other; take it from one of them\n"
    (folder.parent / "ca.crt").rename(folder / "ca.crt")
    (folder / "server.crt").unlink()
    (folder / "ca.key").unlink()
    assert tracker(*words).err.startswith(f"tracker: {folder}/ca.key: is missing, so no certificate can be made")
    assert not (folder / "server.crt").exists()


def test_a_place_that_is_not_ours_to_fill_is_said_in_a_line(tmp_path: Path, tracker: Tracker) -> None:
    (tmp_path / "hill.toml").write_text(EVENT_TOML)
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("all of it")
    said = tracker("broker", "init", full, "--event", tmp_path / "hill.toml")
    assert said.err == f"tracker: {full}: is not empty, and no broker's folder; give a new name\n"
    assert [path.name for path in full.iterdir()] == ["thesis.txt"]
    said = tracker("broker", "init", tmp_path / "hill.toml" / "hut", "--event", tmp_path / "hill.toml")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "no access (Not a directory); give a folder of your own" in said.err
    said = tracker("broker", "init", "/proc/hut", "--event", tmp_path / "hill.toml")
    assert said.err == "tracker: /proc/hut: no access (No such file or directory); give a folder of your own\n"
    said = tracker("broker", "run", tmp_path)
    assert said.err == f"tracker: {tmp_path}: is no broker's folder; make one: tracker broker init {tmp_path} --event EVENT.toml\n"


def test_accounts_stay_valid_beside_new_ones_where_an_editor_took_the_end_of_the_last_line(folder: Path) -> None:
    names = ("passwords", "accounts.csv", "acl")
    for name in names:
        (folder / name).write_bytes((folder / name).read_bytes().rstrip(b"\n"))
    before = {name: (folder / name).read_text().splitlines() for name in names}
    assert init(folder, "--device", "col-9") == 0
    for name in names:
        lines = (folder / name).read_text().splitlines()
        assert lines[: len(before[name])] == before[name]
    assert list(passwords_in(folder)) == [*OFFICE, *SCANNERS, "col-9"]
    assert (folder / "passwords").read_text().splitlines()[-1].startswith("col-9:$7$")
