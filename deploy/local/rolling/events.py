"""What happens to a running cluster while players play on it."""

import asyncio
import collections
import os
import signal
import time


async def roll(cluster, groups, options):
    """Replaces all machines, one after the other. Returns the seconds that each took."""
    seconds = {}
    for machine in cluster.machines():
        start = time.monotonic()
        new = await asyncio.to_thread(cluster.replace, machine, options.new_ids, options.patience)
        seconds[new.id] = round(time.monotonic() - start, 2)
        print(f"roll: {machine.region} {machine.id} replaced by {new.id} in {seconds[new.id]} s", flush=True)
    return {"machines": len(seconds), "seconds_all_machines": round(sum(seconds.values()), 1),
            "seconds_slowest_machine": max(seconds.values())}


async def restart_edge(cluster, groups, options):
    """Ends the edges, and starts them again: all connections end at once, without a close frame."""
    start = time.monotonic()
    await asyncio.to_thread(cluster.ask, "restart-edge")
    return {"seconds_without_edge": round(time.monotonic() - start, 2)}


async def freeze(cluster, groups, options):
    """Stops the process of the machine with the most games, and lets it go on. One player of each of its
    games loses its connection meanwhile."""
    games = collections.Counter(group.game.instance for group in groups)
    machine = max(cluster.machines(), key=lambda each: games[each.id])
    there = [group for group in groups if group.game.instance == machine.id]
    # In each game another one, and so hosts too.
    unlucky = [group.players[place % len(group.players)] for place, group in enumerate(there)]
    try:
        os.kill(machine.pid, signal.SIGSTOP)
        for player in unlucky:
            player.connection.vanish()
        await asyncio.sleep(options.freeze)
    finally:
        os.kill(machine.pid, signal.SIGCONT)
    return {"seconds_frozen": options.freeze, "games_there": len(there), "connections_lost": len(unlucky)}
