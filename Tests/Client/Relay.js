import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";

const { RELAY, SCRIPTED } = globalThis.process.env;

/** The scripted relay's address for one of its scripts. */
export const scripted = (script) => `${SCRIPTED}/${script}`;

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until something is so, for up to `seconds`. */
export async function until(isSo, seconds = 20) {
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; await pause(10)) {
    const found = await isSo();
    if (found) return found;
  }
  throw new Error(`not within ${seconds} s: ${isSo}`);
}

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real relay, in a process of its own. */
export class Relay {
  static async start(environment = {}) {
    const relay = new Relay();
    relay.port = await freePort();
    relay.environment = { HOST: "127.0.0.1", LOG_LEVEL: "error", ...environment, PORT: String(relay.port) };
    await relay.begin();
    return relay;
  }

  get url() {
    return `ws://127.0.0.1:${this.port}`;
  }

  async begin() {
    this.process = spawn(RELAY, [], { env: { ...process.env, ...this.environment }, stdio: "ignore" });
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    await until(async () => {
      try {
        const answer = await fetch(`http://127.0.0.1:${this.port}/health`);
        await answer.text();
        return answer.ok;
      } catch {
        return false;
      }
    });
  }

  signal(name) {
    this.process.kill(name);
  }

  async end(name = "SIGKILL") {
    this.signal(name);
    await this.ended;
  }
}

/** A network between clients and a relay, which can be slow, silent or cut. */
export class Network {
  bytesPerSecond = Infinity;
  isSilent = false;
  #pairs = new Set();

  static async before(relay) {
    const network = new Network();
    network.server = createServer((near) => network.#join(near, connect(relay.port, "127.0.0.1")));
    network.url = `ws://127.0.0.1:${await listening(network.server)}`;
    return network;
  }

  /** Every connection is gone, without a close frame. */
  cut() {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#pairs.clear();
  }

  end() {
    this.cut();
    this.server.close();
  }

  #join(near, far) {
    const pair = [near, far];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near]]) {
      from.on("data", async (data) => {
        if (this.isSilent) return;
        if (this.bytesPerSecond < Infinity) {
          from.pause();
          await pause((data.length * 1_000) / this.bytesPerSecond);
          from.resume();
        }
        to.write(data);
      });
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  }
}
