#!/usr/bin/env python3
"""A display, or a controller whose buttons are lines that you type.

    python party.py display ws://127.0.0.1:3000              Ctrl-D closes the room
    python party.py controller ws://127.0.0.1:3000 CODE      Ctrl-D leaves it

Each press counts one point. The display keeps the points, and shares them as the room's state.
"""

import asyncio
import sys

from member import Member


def tell(text):
    print(text, flush=True)


async def display(url):
    points = {}

    async def receive(message):
        match message:
            case {"type": "created", "room": room}:
                tell(f"room {room}")
                playing.append(asyncio.create_task(typed()))
            case {"type": "joined"}:
                tell("back")
            case {"type": "away"}:
                tell("away")
            case {"type": "message", "from": slot, "data": {"button": button}}:
                points[slot] = points.get(slot, 0) + 1
                tell(f"player {slot} pressed {button}: {points[slot]}")
                await member.say(type="set_state", data={"points": points})

    async def typed():
        while await asyncio.to_thread(sys.stdin.readline):
            pass
        await member.say(type="close_room")

    playing = []
    member = Member(url, receive, type="create", maxClients=8, hold=30)
    return await member.play()


async def controller(url, room):
    slot = None

    async def receive(message):
        nonlocal slot
        match message:
            case {"type": "joined", "index": index}:
                tell("back" if slot == index else f"player {index}")
                if slot is None:
                    playing.append(asyncio.create_task(typed()))
                slot = index
            case {"type": "away"}:
                tell("away")
            case {"type": "state", "data": {"points": points}}:
                tell(f"points: {points.get(str(slot), 0)}")

    async def typed():
        while line := await asyncio.to_thread(sys.stdin.readline):
            await member.say(type="send", to=0, data={"button": line.strip()})
        await member.say(type="leave")

    playing = []
    member = Member(url, receive, type="join", room=room)
    return await member.play()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["display", url]:
            tell(asyncio.run(display(url)))
        case ["controller", url, room]:
            tell(asyncio.run(controller(url, room)))
        case _:
            sys.exit(__doc__)
