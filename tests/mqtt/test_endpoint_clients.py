"""Clients that others wrote talk to the endpoint: paho (through aiomqtt), Mosquitto's command line, mqtt.js."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from tests.mqtt.device import PATIENCE_S, device_at, listening, publish, taken
from tracker.mqtt.endpoint import Endpoint, Limits

PASSAGE = "tracker/andorra/botella/passage"
HEARTBEAT = "tracker/andorra/botella/heartbeat"
ALERTS = "tracker/andorra/live/alerts"

paho_versions = pytest.mark.parametrize("version", [aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5], ids=["3.1.1", "5"])
mosquitto_versions = pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])


def paho(endpoint: Endpoint, client_id: str, version: aiomqtt.ProtocolVersion, will: aiomqtt.Will | None = None) -> aiomqtt.Client:
    return aiomqtt.Client("127.0.0.1", endpoint.port, identifier=client_id, protocol=version, will=will, timeout=PATIENCE_S)


@paho_versions
async def test_paho_publishes_passages_and_each_is_acknowledged_after_the_commit(version: aiomqtt.ProtocolVersion) -> None:
    async with listening() as endpoint, paho(endpoint, "scanner-7", version) as scanner:
        first = asyncio.create_task(scanner.publish(PASSAGE, b"first", qos=1))
        batch = await taken(endpoint, 1, ack=False)
        assert not first.done()
        endpoint.ack(batch)
        await first
        sent = [b"%d" % n for n in range(300)]
        _, got = await asyncio.gather(
            asyncio.gather(*(scanner.publish(PASSAGE, payload, qos=1) for payload in sent)),
            taken(endpoint, 300, limit=50),
        )
        assert sorted(d.payload for d in got) == sorted(sent)


@paho_versions
async def test_paho_reads_live_topics_and_the_facts_of_others(version: aiomqtt.ProtocolVersion) -> None:
    async with listening() as endpoint, paho(endpoint, "screen", version) as screen, paho(endpoint, "scanner-7", version) as scanner:
        await endpoint.publish(ALERTS, b"1 alert")
        await screen.subscribe("tracker/andorra/#", qos=1)
        messages = aiter(screen.messages)
        first = await anext(messages)
        assert (str(first.topic), first.payload, first.qos, first.retain) == (ALERTS, b"1 alert", 1, True)
        await asyncio.gather(scanner.publish(PASSAGE, b"{}", qos=1), taken(endpoint, 1))
        second = await anext(messages)
        assert (str(second.topic), second.payload, second.qos, second.retain) == (PASSAGE, b"{}", 1, False)
        for n in range(50):
            await endpoint.publish(ALERTS, b"%d" % n)
        assert [(await anext(messages)).payload for _ in range(50)] == [b"%d" % n for n in range(50)]
        await screen.unsubscribe("tracker/andorra/#")


@paho_versions
async def test_a_paho_client_whose_id_is_taken_notices_and_its_last_will_is_a_delivery(version: aiomqtt.ProtocolVersion) -> None:
    will = aiomqtt.Will(HEARTBEAT, b'{"device":"scanner-7","offline":true}', qos=1, retain=True)
    async with listening() as endpoint:
        with pytest.raises(aiomqtt.MqttError):  # noqa: PT012 (the clients' ends raise it as well)
            async with paho(endpoint, "scanner-7", version, will) as scanner, paho(endpoint, "scanner-7", version):
                assert [d.payload for d in await taken(endpoint, 1)] == [will.payload]
                await anext(aiter(scanner.messages))


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian: mosquitto-clients)")
    return found


@contextlib.asynccontextmanager
async def running(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program with its output caught; it has ended afterwards, by itself or not."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@mosquitto_versions
async def test_mosquitto_pub_sends_lines_and_ends_when_they_are_on_the_disk(version: str) -> None:
    program = needs("mosquitto_pub")
    async with listening() as endpoint:
        command = [program, "-V", version, "-h", "127.0.0.1", "-p", str(endpoint.port), "-i", "scanner-7", "-q", "1", "-t", PASSAGE]
        async with running(*command, "-m", "one passage") as process:
            batch = await taken(endpoint, 1, ack=False)
            assert process.returncode is None
            endpoint.ack(batch)
            assert await process.wait() == 0
        assert (batch[0].topic, batch[0].payload) == (PASSAGE, b"one passage")


@mosquitto_versions
async def test_mosquitto_sub_prints_the_retained_topics_and_then_what_comes(version: str) -> None:
    program = needs("mosquitto_sub")
    async with listening() as endpoint:
        await endpoint.publish(ALERTS, b"1 alert")
        command = [
            program,
            "-V",
            version,
            "-h",
            "127.0.0.1",
            "-p",
            str(endpoint.port),
            "-q",
            "1",
            "-t",
            "tracker/#",
            "-F",
            "%r %q %t %p",
            "-C",
            "3",
        ]
        async with running(*command) as process, device_at(endpoint) as scanner:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"1 1 tracker/andorra/live/alerts 1 alert\n"
            scanner.send(publish(PASSAGE, b"a passage", 5))
            await taken(endpoint, 1)
            assert await process.stdout.readline() == b"0 1 tracker/andorra/botella/passage a passage\n"
            await endpoint.publish(ALERTS, b"2 alerts")
            assert await process.stdout.readline() == b"0 1 tracker/andorra/live/alerts 2 alerts\n"
            assert await process.wait() == 0


async def test_mosquitto_pub_is_told_of_a_wrong_topic_and_of_a_message_too_large() -> None:
    program = needs("mosquitto_pub")
    async with listening(Limits(max_packet_bytes=1000)) as endpoint:
        command = [program, "-d", "-h", "127.0.0.1", "-p", str(endpoint.port), "-q", "1"]
        async with running(*command, "-V", "mqttv5", "-t", "elsewhere", "-m", "x") as process:
            out, err = await process.communicate()
            assert b"(Mid: 1, RC:135)" in out + err
        async with running(*command, "-V", "mqttv5", "-t", PASSAGE, "-m", "x" * 2000) as process:
            out, err = await process.communicate()
            assert b"sending PUBLISH" not in out + err  # it knows the limit from the CONNACK
        async with running(*command, "-V", "mqttv311", "-t", PASSAGE, "-m", "x" * 2000) as process:
            out, err = await process.communicate()
            assert process.returncode
            assert b"connection was lost" in out + err


def needs_mqtt_js() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    if subprocess.run([node, "-e", "require('mqtt')"], capture_output=True, check=False).returncode:
        pytest.skip("mqtt.js is not found: npm install mqtt somewhere, and NODE_PATH=<there>/node_modules")
    return node


PHONE = """
const mqtt = require('mqtt');
const [port, version] = process.argv.slice(1).map(Number);
const say = (...words) => console.log(JSON.stringify(words));
const client = mqtt.connect({host: '127.0.0.1', port, protocolVersion: version, clientId: 'phone', reconnectPeriod: 0,
  will: {topic: 'tracker/andorra/botella/heartbeat', payload: 'phone is gone', qos: 1, retain: true}});
client.on('error', (error) => { say('error', String(error)); process.exit(1); });
client.on('message', (topic, payload, packet) => {
  say('message', topic, String(payload), packet.qos, packet.retain);
  if (String(payload) === 'finish') process.exit(0);  // without a goodbye: its last will is due
});
client.on('connect', (connack) => {
  say('connected', connack.sessionPresent);
  client.subscribe('tracker/+/live/#', {qos: 2}, (error, granted) => {
    say('granted', error, granted.map((grant) => grant.qos));
    client.publish('tracker/andorra/botella/passage', 'by phone', {qos: 1}, (error) => {
      say('acknowledged', error);
      client.publish('elsewhere', 'x', {qos: 1}, (error) => say('elsewhere', error && error.code));
    });
  });
});
"""


@pytest.mark.parametrize("version", [4, 5])
async def test_mqtt_js_on_a_phone_publishes_and_reads_and_leaves_a_last_will(version: int) -> None:
    node = needs_mqtt_js()
    async with listening() as endpoint:
        await endpoint.publish(ALERTS, b"1 alert")
        async with running(node, "-e", PHONE, str(endpoint.port), str(version)) as process:
            assert process.stdout is not None
            said = [json.loads(await process.stdout.readline()) for _ in range(3)]
            assert said[0] == ["connected", False]
            assert ["granted", None, [1]] in said
            assert ["message", ALERTS, "1 alert", 1, True] in said
            batch = await taken(endpoint, 1, ack=False)
            assert batch[0].payload == b"by phone"
            endpoint.ack(batch)
            assert json.loads(await process.stdout.readline()) == ["acknowledged", None]
            assert json.loads(await process.stdout.readline()) == ["elsewhere", 135 if version == 5 else None]
            await endpoint.publish(ALERTS, b"finish")
            assert json.loads(await process.stdout.readline()) == ["message", ALERTS, "finish", 1, False]
            assert await process.wait() == 0
            assert [d.payload for d in await taken(endpoint, 1)] == [b"phone is gone"]
