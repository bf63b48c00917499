// What the QR encoder makes, read back by zbarimg, and its parts against the standard's own examples.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { penalty, qrCode, reedSolomon } from "../../Sources/demo/parts/qr.js";

const QUIET = 4;

/** A grey picture of a code, each module `scale` pixels wide. */
function picture(rows, scale = 3) {
  const side = (rows.length + 2 * QUIET) * scale;
  const pixels = Buffer.alloc(side * side, 255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (rows[Math.floor(y / scale) - QUIET]?.[Math.floor(x / scale) - QUIET]) pixels[y * side + x] = 0;
    }
  }
  return Buffer.concat([Buffer.from(`P5 ${side} ${side} 255\n`), pixels]);
}

/** What a decoder that knows nothing of us reads from codes of these texts. */
function readBack(texts) {
  const folder = mkdtempSync(join(tmpdir(), "qr-"));
  try {
    const files = texts.map((text, index) => {
      const file = join(folder, `${String(index).padStart(4, "0")}.pgm`);
      writeFileSync(file, picture(qrCode(text)));
      return file;
    });
    const silent = { stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync("zbarimg", ["--quiet", "--raw", "--set", "*.enable=0", "--set", "qrcode.enable=1", ...files], silent)
      .toString().trimEnd().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function version(text) {
  return (qrCode(text).length - 17) / 4;
}

test("every length up to the most is read back", () => {
  const texts = Array.from({ length: 213 }, (_, index) => "https://party.example/demo#7Kq2Zx-".repeat(8).slice(0, index + 1));
  assert.deepEqual(readBack(texts), texts);
});

test("texts of all kinds are read back", () => {
  const texts = [
    "http://192.168.1.20:3000/demo#7Kq2Zx",
    "https://relay.example/demo#7Kq2Zx-0123456789abcdef0123456789abcdef",
    "http://[fe80::1]:3000/demo#abcdef",
    "0".repeat(100), "~".repeat(150), "\u007f\u0001\u0002", " leading", "a b+c%20d&e=f?g#h",
    "Grüße aus Zürich", "今日は、世界", "🎉🦊 party", "ἀγορά", "Привет, мир", "é".repeat(106),
  ];
  assert.deepEqual(readBack(texts), texts);
});

test("a hundred random texts are read back", () => {
  let seed = 20260101;
  const random = (most) => (seed = (seed * 48271) % 2147483647) % most;
  const texts = Array.from({ length: 100 }, () =>
    Array.from({ length: 1 + random(213) }, () => String.fromCharCode(33 + random(94))).join(""));
  assert.deepEqual(readBack(texts), texts);
});

test("a version is the smallest that holds the text", () => {
  // The capacities of byte mode at level M, from the standard's table 7.
  [14, 26, 42, 62, 84, 106, 122, 152, 180, 213].forEach((bytes, index) => {
    assert.equal(version("x".repeat(bytes)), index + 1);
    if (bytes < 213) assert.equal(version("x".repeat(bytes + 1)), index + 2);
  });
});

test("bytes count, not characters", () => {
  // 26 bytes would be version 2, were it not for the 12 bits that say that they are UTF-8.
  assert.equal(version("é".repeat(12)), 2);
  assert.equal(version("é".repeat(13)), 3);
});

test("a longer text is refused", () => {
  assert.throws(() => qrCode("x".repeat(214)), RangeError);
});

test("the empty text is a code, too", () => {
  assert.equal(version(""), 1);
});

// --- Reed-Solomon ---

test("known corrections", () => {
  // From the standard's annex I: 01234567 at 1-M.
  assert.deepEqual(
    reedSolomon([0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11], 10),
    [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55]);
});

test("data and its corrections are zero at every root, by logarithms", () => {
  const [powers, logs] = [[1], []];
  for (let exponent = 0; exponent < 255; exponent++) {
    logs[powers[exponent]] = exponent;
    powers.push((powers[exponent] * 2) ^ (powers[exponent] > 127 ? 0x11d : 0));
  }
  const times = (a, b) => (a && b ? powers[(logs[a] + logs[b]) % 255] : 0);
  for (const [length, count] of [[1, 10], [16, 10], [44, 18], [36, 16], [43, 26], [200, 30]]) {
    const data = Array.from({ length }, (_, index) => (index * 97 + 31 * length) % 256);
    const codeword = [...data, ...reedSolomon(data, count)];
    assert.equal(codeword.length, length + count);
    for (let root = 0; root < count; root++) {
      assert.equal(codeword.reduce((sum, term) => times(sum, powers[root]) ^ term, 0), 0, `root ${root}`);
    }
  }
});

// --- Format, version and mask ---

const FORMATS_M = [
  "101010000010010", "101000100100101", "101111001111100", "101101101001011",
  "100010111111001", "100000011001110", "100111110010111", "100101010100000",
];

/** The two copies of the format, most significant bit first. */
function formats(rows) {
  const size = rows.length;
  const bit = (x, y) => (rows[y][x] ? "1" : "0");
  const first = [0, 1, 2, 3, 4, 5, 7, 8].map((x) => bit(x, 8)).join("") + [7, 5, 4, 3, 2, 1, 0].map((y) => bit(8, y)).join("");
  const below = Array.from({ length: 7 }, (_, index) => bit(8, size - 1 - index)).join("");
  const right = Array.from({ length: 8 }, (_, index) => bit(size - 8 + index, 8)).join("");
  return [first, below + right];
}

test("the format is that of level M and one of the masks, twice", () => {
  const seen = new Set();
  for (let length = 1; length <= 213; length++) {
    const [first, second] = formats(qrCode("comet".repeat(43).slice(0, length)));
    assert.equal(first, second);
    assert.ok(FORMATS_M.includes(first), first);
    seen.add(first);
  }
  assert.ok(seen.size > 4, "the penalties choose, so that many masks come up");
});

test("versions from 7 on say so, twice", () => {
  for (const [bytes, expected] of [[122, "000111110010010100"], [152, "001000010110111100"], [180, "001001101010011001"], [213, "001010010011010011"]]) {
    const rows = qrCode("x".repeat(bytes));
    const size = rows.length;
    const bits = Array.from({ length: 18 }, (_, bit) => [size - 11 + (bit % 3), Math.floor(bit / 3)]).reverse();
    assert.equal(bits.map(([far, near]) => (rows[near][far] ? "1" : "0")).join(""), expected);
    assert.equal(bits.map(([far, near]) => (rows[far][near] ? "1" : "0")).join(""), expected);
  }
});

test("penalties", () => {
  const rows = (text) => text.split(" ").map((row) => [...row].map((module) => module === "#"));
  const checkers = (size) => Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => (x + y) % 2 === 0));
  assert.equal(penalty(checkers(10)), 0);
  // Two runs of five in rows and in columns are 3 each, 16 blocks 3 each; all dark is 50 points of percent from half.
  assert.equal(penalty(rows("##### ##### ##### ##### #####")), 10 * 3 + 16 * 3 + 100);
  const withFinder = checkers(12);
  [..."#.###.#...."].forEach((module, x) => (withFinder[5][x] = module === "#"));
  assert.ok(penalty(withFinder) >= 40 && penalty(withFinder) < 40 + 60);
});
