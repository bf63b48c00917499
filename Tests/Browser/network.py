"""The network between browsers and a relay, which a test can cut, slow down, or make forget connections."""

import asyncio
import threading


class Network:
    """Forwards a port of its own to the relay's, on a thread of its own."""

    def __init__(self, relay_port, relay_host="127.0.0.1"):
        self.relay = (relay_host, relay_port)
        # Seconds that bytes take each way, and bytes a second each way and connection (0: as many as there are).
        self.delay, self.rate = 0, 0
        self.flows = set()
        self.loop = asyncio.new_event_loop()
        self.is_whole = asyncio.Event()
        self.is_whole.set()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.on_loop(self.listen())
        self.port = self.server.sockets[0].getsockname()[1]

    def on_loop(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def listen(self):
        return await asyncio.start_server(self.forward, "127.0.0.1", 0)

    # --- What a test does to it ---

    def cut(self):
        """Nothing arrives any more, and nobody is told; what was sent meanwhile arrives after `mend`."""
        self.loop.call_soon_threadsafe(self.is_whole.clear)

    def mend(self):
        self.loop.call_soon_threadsafe(self.is_whole.set)

    def forget(self):
        """Nothing of the connections so far arrives ever again, as when a phone has changed its network."""
        async def forget():
            for flow in self.flows:
                flow.is_forgotten = True
        self.on_loop(forget())

    def reset(self):
        """Ends all connections at once."""
        async def reset():
            for flow in list(self.flows):
                flow.end()
        self.on_loop(reset())

    def lead_to(self, relay_port):
        """Connections from now on go to another port."""
        self.relay = (self.relay[0], relay_port)

    def close(self):
        async def close():
            self.server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for flow in list(self.flows):
                flow.end()
        self.on_loop(close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    # --- How it does it ---

    async def forward(self, reader, writer):
        await self.is_whole.wait()
        try:
            there, back = await asyncio.open_connection(*self.relay)
        except OSError:
            writer.transport.abort()
            return
        flow = Flow(writer, back)
        self.flows.add(flow)
        try:
            await asyncio.gather(self.pump(flow, reader, back), self.pump(flow, there, writer))
        except asyncio.CancelledError:
            # The end of the network; the streams' own callback would report it as an error.
            pass
        finally:
            flow.end()
            self.flows.discard(flow)

    async def pump(self, flow, reader, writer):
        """What is read is written after the delay, in order."""
        due = asyncio.Queue(1000)

        async def write():
            while (part := await due.get()) is not None:
                when, data = part
                await asyncio.sleep(when - self.loop.time())
                await self.is_whole.wait()
                if flow.is_forgotten:
                    await asyncio.Event().wait()
                # In pieces that take a tenth of a second each.
                piece = self.rate // 10 or len(data)
                for start in range(0, len(data), piece):
                    writer.write(data[start:start + piece])
                    await writer.drain()
                    if self.rate:
                        await asyncio.sleep(0.1)
            if writer.can_write_eof():
                writer.write_eof()

        writing = asyncio.create_task(write())
        try:
            while data := await reader.read(16_384):
                await due.put((self.loop.time() + self.delay, data))
            await due.put(None)
            await writing
        except OSError:
            flow.end()
        finally:
            writing.cancel()


class Flow:
    """One connection through the network, with its two ends."""

    def __init__(self, *writers):
        self.writers = writers
        self.is_forgotten = False

    def end(self):
        for writer in self.writers:
            writer.transport.abort()
