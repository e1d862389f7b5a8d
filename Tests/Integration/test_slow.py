"""Slow readers: bounded memory, 4408, and a complete recovery. Nobody else notices."""

from client import Client, every
from raw import RawSocket
from test_recovery import offsets

ROOMY = {"APUS_LIMITS_QUEUE_HARD_BYTES": 64 << 20}
BIG = "x" * 60_000


async def test_who_reads_nothing_is_closed_and_recovers_everything(start_hub, room):
    hub = start_hub(settings={"APUS_PRESENCE_LEAVE_DELAY_MS": 0})
    slow_token = hub.token("slow", "operator")
    async with (
        await Client.open(hub, hub.token("writer", "operator")) as writer,
        await Client.open(hub, hub.token("brisk", "operator")) as brisk,
    ):
        await writer.sub(room, presence=True)
        await brisk.sub(room)
        with RawSocket.joined(hub, slow_token, room, receive_buffer=4096) as slow:
            count = 200  # 12 MB: more than any socket takes for a reader that does not read
            for number in range(count):
                await writer.send(room, [number, BIG], ack="accepted")
                await brisk.events(room, number - 5)
            await writer.push(lambda push: "slow" in push.get("leave", []), room=room)
            pushed = [item for item in slow.objects() if "offset" in item]
            assert slow.closing is None or slow.closing.close_code == 4408
        assert offsets(pushed) == list(range(1, len(pushed) + 1)), "what came before the end is whole"
        assert len(pushed) < count
        assert offsets(await brisk.events(room, count)) == list(range(1, count + 1)), "others got everything"
        async with await Client.open(hub, slow_token) as back:
            epoch = (await back.sub(room, limit=0))["epoch"]
            answer = await back.sub(room, since=len(pushed), epoch=epoch)
            assert answer["recovered"] is True
            await back.events(room, count)
            seen = answer["events"] + back.kept(room)
            assert offsets(pushed + seen) == list(range(1, count + 1))


async def test_who_never_empties_the_queue_is_closed_by_age(start_hub, room):
    hub = start_hub(settings=ROOMY | {"APUS_LIMITS_QUEUE_AGE_MS": 300, "APUS_PRESENCE_LEAVE_DELAY_MS": 0})
    async with await Client.open(hub, hub.token("writer", "operator")) as writer:
        await writer.sub(room, presence=True)
        with RawSocket.joined(hub, hub.token("slow", "operator"), room, receive_buffer=4096):
            # 3 MiB: more than the kernel takes for a reader with so small a window.
            for number in range(50):
                await writer.send(room, [number, BIG], ack="accepted")
            await writer.push(lambda push: "slow" in push.get("leave", []), room=room)


async def test_signals_are_conflated_for_a_slow_reader(start_hub, room):
    hub = start_hub()
    async with await Client.open(hub, hub.token("writer", "operator")) as writer:
        with RawSocket.joined(hub, hub.token("slow", "operator"), room, receive_buffer=4096) as slow:
            total = 40_000
            for start in range(0, total, 64):
                await every(
                    await writer.post_all(
                        [("signal", {"room": room, "kind": "cursor", "data": [n, "x" * 200]})
                         for n in range(start, min(start + 64, total))]
                    )
                )  # fmt: skip
            await writer.send(room, "end")
            seen = []
            for item in slow.objects():
                if item.get("kind") == "cursor":
                    seen.append(item["data"][0])
                if seen and seen[-1] == total - 1:
                    break
            assert seen[-1] == total - 1, f"the latest state arrives; the end was {slow.closing}"
            assert seen == sorted(set(seen))


async def test_a_peer_that_reads_nothing_does_not_hold_up_a_drain(start_hub, room):
    hub = start_hub(settings=ROOMY | {"APUS_DRAIN_DEADLINE_MS": 1000})
    async with await Client.open(hub, hub.token("writer", "operator")) as writer:
        with RawSocket.joined(hub, hub.token("slow", "operator"), room, receive_buffer=4096):
            for number in range(60):
                await writer.send(room, [number, BIG], ack="accepted")
            assert hub.stop() == 0
