"""`tracker broker run`: Mosquitto in the foreground, which ends when it is told to, and says so when it ends by itself."""

import os
import signal
import socket
from pathlib import Path

import aiomqtt
import pytest

from tests.broker.hut import Hut, init, running_hut
from tests.conftest import Tracker, needs, until
from tracker.mqtt.address import Access, Broker


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_broker_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    with running_hut(tmp_path / "hut") as hut:
        assert f"tracker: devices connect to mqtts://127.0.0.1:{hut.port} until 20" in hut.said
        assert hut.end(number) == 0
        with socket.create_server(("", hut.port)):
            pass  # nobody listens there any more


def broker_of(hut: Hut) -> int:
    """Mosquitto's own process."""
    assert hut.child is not None
    [pid] = Path(f"/proc/{hut.child.pid}/task/{hut.child.pid}/children").read_text().split()
    return int(pid)


def test_a_broker_that_dies_is_said_with_its_last_words(tmp_path: Path) -> None:
    with running_hut(tmp_path / "hut") as hut:
        os.kill(broker_of(hut), signal.SIGKILL)
        assert hut.child is not None
        assert hut.child.wait() == 1
        hut.child = None
        last = hut.said.splitlines()[-1]
        assert last.startswith("tracker: mosquitto ended by itself (killed by signal 9): ")


def test_a_configuration_that_mosquitto_does_not_take_is_said_with_its_last_words(tmp_path: Path, tracker: Tracker) -> None:
    needs("mosquitto")
    hut = Hut(tmp_path / "hut")
    (hut.folder / "acl").unlink()
    said = tracker("broker", "run", hut.folder)
    assert said.code == 1
    last = said.err.splitlines()[-1]
    assert last.startswith("tracker: mosquitto ended by itself (exit code ")
    assert last.endswith('): Error opening acl file "acl".')


async def test_a_hang_up_ends_nothing_and_new_accounts_are_taken_in(tmp_path: Path) -> None:
    with running_hut(tmp_path / "hut") as hut:
        async with hut.broker("col-1").client("") as old:
            assert init(hut.folder, "--device", "col-3") == 0
            with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
                async with hut.broker("col-3").client(""):
                    pass
            assert hut.child is not None
            hut.child.send_signal(signal.SIGHUP)

            async def let_in() -> bool:
                try:
                    async with hut.broker("col-3").client(""):
                        return True
                except aiomqtt.MqttError:
                    return False

            await until(let_in, "the new account is known")
            await old.publish("tracker/hill/col/passage", b"{}", qos=1)
        assert hut.end() == 0


async def test_what_waits_for_the_tracker_outlives_a_restart(tmp_path: Path) -> None:
    with running_hut(tmp_path / "hut") as hut:
        async with hut.broker("tracker").client("tracker-hill", clean_session=False) as tracker:
            await tracker.subscribe("tracker/hill/+/+", qos=1)
        async with hut.broker("col-1").client("") as scanner:
            for number in range(1_500):  # more than what Mosquitto keeps unless it is told to
                await scanner.publish("tracker/hill/col/passage", b"%d" % number, qos=1)
        assert hut.end() == 0
        hut.start()
        async with hut.broker("tracker").client("tracker-hill", clean_session=False) as tracker:
            assert [(await anext(tracker.messages)).payload for _ in range(1_500)] == [b"%d" % number for number in range(1_500)]


def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path, tracker: Tracker) -> None:
    needs("mosquitto")
    hut = Hut(tmp_path / "hut")
    with socket.create_server(("127.0.0.1", hut.port)):
        said = tracker("broker", "run", hut.folder)
    how = "end that first (Debian's own service: sudo systemctl disable --now mosquitto)"
    assert (said.code, said.err) == (1, f"tracker: port {hut.port}: somebody listens there already; {how}\n")


def test_a_machine_without_mosquitto_is_told_how_to_get_it(tmp_path: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    hut = Hut(tmp_path / "hut")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    said = tracker("broker", "run", hut.folder)
    how = "install it (sudo apt install mosquitto, or brew install mosquitto) and run this again"
    assert (said.code, said.err) == (1, f"tracker: Mosquitto is not installed; {how}\n")


def test_a_certificate_that_has_ended_is_said_before_a_device_finds_out(
    tmp_path: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("mosquitto")
    hut = Hut(tmp_path / "hut")
    for name in ("server.crt", "server.key"):
        (hut.folder / name).unlink()
    monkeypatch.setattr("tracker.broker.certificates.SERVER_DAYS", -0.5)
    assert init(hut.folder) == 0
    said = tracker("broker", "run", hut.folder)
    assert said.code == 1
    assert f"{hut.folder}/server.crt: ended 20" in said.err
    assert said.err.endswith("say tracker broker init again: devices keep their ca.crt\n")


async def test_a_folder_that_was_moved_is_the_same_broker(tmp_path: Path) -> None:
    hut = Hut(tmp_path / "hut")
    hut.folder = hut.folder.rename(tmp_path / "elsewhere")
    hut.start()
    async with Broker.parse(hut.url, Access("col-1", hut.broker("col-1").access.password, hut.ca)).client(""):
        pass
    assert hut.end() == 0
