const SHELF = "party-sockets";
const MOST = 32;

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
    try {
      this.#storage = storage === undefined && !clientId ? document.defaultView[area] : storage;
    } catch {}
  }

  async find(code) {
    return (await this.#entries()).find(([name]) => name === this.#name(code))?.[1];
  }

  /** The latest room on this relay of which this client was the host. */
  async latest() {
    const own = (await this.#entries()).filter(([name, entry]) => entry?.isHost && name.startsWith(this.#name("")));
    return own.pop()?.[1];
  }

  /** Keeps the entry as the latest; without one the room is forgotten. */
  async keep(code, entry) {
    const others = (await this.#entries()).filter(([name]) => name !== this.#name(code));
    if (entry) others.push([this.#name(code), entry]);
    try {
      await this.#storage.setItem(SHELF, JSON.stringify(Object.fromEntries(others.slice(-MOST))));
    } catch {}
  }

  /** Some relays find a code however it was typed. */
  #name(code) {
    return (this.#base + code).toLowerCase();
  }

  async #entries() {
    try {
      return Object.entries(JSON.parse(await this.#storage.getItem(SHELF)));
    } catch {
      return [];
    }
  }
}
