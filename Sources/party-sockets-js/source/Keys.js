const SHELF = "party-sockets";
const MOST = 32;
const LONGEST = 604_800_000; // a week

/**
 * The clientIds of the rooms that this client was in, in one map under one key, the latest last. Storage that is missing,
 * forbidden, full or full of something else is as good as none.
 */
export class Keys {
  #storage;
  #base;

  /** `area` is the Web storage to use in a page, unless the options tell. */
  constructor({ storage, clientId }, area, base) {
    this.#base = base;
    this.#storage = storage;
    if (storage !== undefined || clientId) return;
    try {
      const web = document.defaultView[area];
      this.#storage = { get: (key) => web.getItem(key), set: (key, text) => web.setItem(key, text) };
    } catch {}
  }

  async find(code) {
    return (await this.#entries()).find(([name]) => name === this.#base + code)?.[1];
  }

  /** The latest room on this relay of which this client was the host. */
  async latest() {
    const own = (await this.#entries()).filter(([name, { isHost }]) => isHost && name.startsWith(this.#base));
    return own.pop()?.[1];
  }

  /** Under the room's code, and under what was typed, where the relay reads several as one. */
  async keep(entry, typed = entry.code) {
    const names = [typed, entry.code].map((code) => this.#base + code);
    const others = (await this.#entries()).filter(([name]) => !names.includes(name));
    await this.#write([...others, ...names.map((name) => [name, { ...entry, at: Date.now() }])]);
  }

  async forget(code) {
    const entries = await this.#entries();
    await this.#write(entries.filter(([name, entry]) => name !== this.#base + code && entry.code !== code));
  }

  async #entries() {
    try {
      const entries = Object.entries(JSON.parse(await this.#storage.get(SHELF)));
      return entries.filter(([, { at }]) => Date.now() - at < LONGEST);
    } catch {
      return [];
    }
  }

  async #write(entries) {
    try {
      await this.#storage.set(SHELF, JSON.stringify(Object.fromEntries(entries.slice(-MOST))));
    } catch {}
  }
}
