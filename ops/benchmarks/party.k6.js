// Party games for k6: rooms of a display and four phones. Each phone sends an input 20 times a second to the display,
// and the display sets the room's state 10 times a second, which goes to the four.
//
//     k6 run --env URL=ws://127.0.0.1:3000 --env ROOMS=50 --env SECONDS=30 ops/benchmarks/party.k6.js
//
//     URL      the relay; ws://127.0.0.1:3000 if not given
//     ROOMS    rooms at once, each played by one virtual user; 10
//     SECONDS  how long each room plays; 10
//     P95_MS   the threshold for both latencies, in milliseconds; 100
//     LEAD     seconds from the start until all rooms begin to play, together; 1
//     SUMMARY  a file that gets the figures as JSON; then the log also has a line for each room that is `open`, and
//              for each that has `played`
//
// It speaks the original protocol, so that every relay of it can be measured. Whoever sends and whoever receives are in
// this one process: a message carries the time at which it was sent, and latencies are by one clock.
import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import { WebSocket } from "k6/experimental/websockets";

const { URL = "ws://127.0.0.1:3000", SUMMARY } = __ENV;
const ROOMS = Number(__ENV.ROOMS || 10);
const SECONDS = Number(__ENV.SECONDS || 10);
const LEAD = Number(__ENV.LEAD || 1);
const P95_MS = Number(__ENV.P95_MS || 100);
const PHONES = 4;
const INPUT_EVERY = 1000 / 20;
const STATE_EVERY = 1000 / 10;
// Milliseconds that a room may take to open, and that its last messages may take to arrive.
const OPENING = 10_000;
const ARRIVING = 2_000;

const inputLatency = new Trend("party_input_latency", true);
const stateLatency = new Trend("party_state_latency", true);
const deliveries = new Counter("party_deliveries");
const drops = new Counter("party_drops");
const errors = new Counter("party_errors");

export const options = {
  scenarios: {
    rooms: { executor: "per-vu-iterations", vus: ROOMS, iterations: 1, maxDuration: `${LEAD + SECONDS + 30}s` },
  },
  thresholds: {
    party_input_latency: [`p(95)<${P95_MS}`],
    party_state_latency: [`p(95)<${P95_MS}`],
    party_deliveries: ["count>0"],
    party_drops: ["count==0"],
    party_errors: ["count==0"],
  },
  summaryTrendStats: ["med", "p(95)", "p(99)", "max"],
};

// Milliseconds with their fraction, the same for all virtual users.
const now = () => exec.instance.currentTestRunDuration;
const tell = (word) => SUMMARY && console.log(word);

/** The messages of one sender to one receiver: each is to arrive, once and in order. */
class Flow {
  sent = 0;
  next = 0;

  stamp() {
    return { n: this.sent++, at: now() };
  }

  arrived({ n, at }, latency) {
    latency.add(now() - at);
    deliveries.add(1);
    if (n < this.next) errors.add(1, { error: "twice or out of order" });
    else drops.add(n - this.next);
    this.next = n + 1;
  }

  end() {
    drops.add(this.sent - this.next);
  }
}

class Room {
  inputs = Array.from({ length: PHONES }, () => new Flow());
  states = Array.from({ length: PHONES }, () => new Flow());
  phones = [];
  joined = 0;
  timeouts = [];
  intervals = [];

  open() {
    this.id = `${exec.vu.idInTest}-${exec.scenario.startTime}`;
    const hello = { type: "create", clientId: `display-${this.id}`, maxClients: PHONES + 1 };
    this.display = this.connect("", hello, (message) => {
      if (message.type === "created") this.invite(message.room);
      else if (message.type === "message") this.inputs[message.data.phone].arrived(message.data, inputLatency);
    });
    this.opening = setTimeout(() => this.fail("not open in time"), OPENING);
  }

  invite(room) {
    for (let phone = 0; phone < PHONES; phone++) {
      const hello = { type: "join", clientId: `phone-${phone}-${this.id}`, room };
      this.phones.push(this.connect(room, hello, (message) => {
        if (message.type === "joined" && ++this.joined === PHONES) this.play();
        else if (message.type === "state") this.states[phone].arrived(message.data, stateLatency);
      }));
    }
  }

  connect(path, hello, receive) {
    const socket = new WebSocket(`${URL.replace(/\/+$/, "")}/${path}`);
    socket.onopen = () => socket.send(JSON.stringify(hello));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "error") this.fail(message.message);
      else receive(message);
    };
    socket.onerror = ({ error }) => this.fail(`connection failed: ${error}`);
    socket.onclose = ({ code }) => this.isOver || this.fail(`closed with ${code}`);
    return socket;
  }

  play() {
    clearTimeout(this.opening);
    tell("open");
    const lead = Math.max(0, LEAD * 1000 - now());
    this.phones.forEach((socket, phone) => {
      this.often(INPUT_EVERY, lead, () => {
        const data = { phone, ...this.inputs[phone].stamp(), pad: "x".repeat(16) };
        socket.send(JSON.stringify({ type: "send", to: 0, data }));
      });
    });
    this.often(STATE_EVERY, lead, () => {
      const [data] = this.states.map((flow) => flow.stamp());
      this.display.send(JSON.stringify({ type: "set_state", data: { ...data, pad: "x".repeat(64) } }));
    });
    this.timeouts.push(setTimeout(() => this.end(), lead + SECONDS * 1000));
  }

  /** Acts again and again, beginning within the first of these times, so that not all are in step. */
  often(every, lead, act) {
    const begin = () => this.intervals.push(setInterval(act, every));
    this.timeouts.push(setTimeout(begin, lead + Math.random() * every));
  }

  /** Nothing is sent any more; what is under way may arrive. */
  end() {
    this.intervals.forEach(clearInterval);
    const flows = [...this.inputs, ...this.states];
    const deadline = now() + ARRIVING;
    const wait = setInterval(() => {
      if (flows.some((flow) => flow.next < flow.sent) && now() < deadline) return;
      clearInterval(wait);
      flows.forEach((flow) => flow.end());
      tell("played");
      this.close();
    }, 10);
  }

  fail(why) {
    if (this.isOver) return;
    errors.add(1, { error: why });
    console.error(why);
    this.close();
  }

  close() {
    this.isOver = true;
    clearTimeout(this.opening);
    this.timeouts.forEach(clearTimeout);
    this.intervals.forEach(clearInterval);
    for (const socket of [this.display, ...this.phones]) socket.close();
  }
}

export default function () {
  new Room().open();
}

export function handleSummary({ metrics }) {
  const latency = (name) => {
    const { values } = metrics[name] || {};
    return values && { p50: values.med, p95: values["p(95)"], p99: values["p(99)"], max: values.max };
  };
  const count = (name) => (metrics[name] ? metrics[name].values.count : 0);
  const figures = {
    rooms: ROOMS,
    seconds: SECONDS,
    deliveries: count("party_deliveries"),
    drops: count("party_drops"),
    errors: count("party_errors"),
    inputLatencyMilliseconds: latency("party_input_latency"),
    stateLatencyMilliseconds: latency("party_state_latency"),
  };
  const text = `${JSON.stringify(figures, null, 2)}\n`;
  return SUMMARY ? { [SUMMARY]: text } : { stdout: text };
}
