// A QR code of a text: byte mode, error correction M, versions 1 to 10 (ISO/IEC 18004). Enough for links of 213 bytes.

const MOST_VERSIONS = 10;
// By version, from 1 on: all codewords; how many of a block correct errors; blocks; rows of the alignment patterns.
const CODEWORDS = [0, 26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
const CORRECTING = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26];
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
const ALIGNMENT = [
  [], [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
];

const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x, y) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => (x * y) % 2 + (x * y) % 3 === 0,
  (x, y) => ((x * y) % 2 + (x * y) % 3) % 2 === 0,
  (x, y) => ((x + y) % 2 + (x * y) % 3) % 2 === 0,
];

/** The rows of the code, true where a module is dark, without the quiet zone of four modules around it. */
export function qrCode(text) {
  const bytes = new TextEncoder().encode(text);
  const version = smallestVersion(bytes);
  const bits = placed(interleaved(dataCodewords(bytes, version), version), functionPatterns(version));
  const candidates = MASKS.map((_, mask) => masked(bits, mask, version));
  const penalties = candidates.map(penalty);
  return candidates[penalties.indexOf(Math.min(...penalties))];
}

function smallestVersion(bytes) {
  for (let version = 1; version <= MOST_VERSIONS; version++) {
    const header = encodingBits(bytes).length + 4 + lengthBits(version);
    if (header + bytes.length * 8 <= dataLength(version) * 8) return version;
  }
  throw new RangeError(`${bytes.length} bytes are too many for a QR code of version ${MOST_VERSIONS}`);
}

/** Beyond ASCII, readers guess which encoding it is unless they are told: UTF-8 is the 26th (mode ECI). */
function encodingBits(bytes) {
  return bytes.some((byte) => byte > 127) ? bitsOf(0b0111_00011010, 12) : [];
}

function lengthBits(version) {
  return version < 10 ? 8 : 16;
}

function dataLength(version) {
  return CODEWORDS[version] - CORRECTING[version] * BLOCKS[version];
}

function bitsOf(value, count) {
  return Array.from({ length: count }, (_, at) => (value >> (count - 1 - at)) & 1);
}

// --- Codewords ---

/** Encoding, mode, length, text, terminator and padding. */
function dataCodewords(bytes, version) {
  const bits = encodingBits(bytes);
  const append = (value, count) => bits.push(...bitsOf(value, count));
  append(0b0100, 4);
  append(bytes.length, lengthBits(version));
  for (const byte of bytes) append(byte, 8);
  const room = dataLength(version) * 8;
  append(0, Math.min(4, room - bits.length));
  append(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) append(pad, 8);
  const codewords = [];
  for (let at = 0; at < bits.length; at += 8) codewords.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  return codewords;
}

/** The blocks' data and then their corrections, a codeword of each in turn. The last blocks may be one longer. */
function interleaved(data, version) {
  const count = BLOCKS[version];
  const short = Math.floor(data.length / count);
  const firstLong = count - (data.length % count);
  const blocks = [];
  for (let block = 0, at = 0; block < count; block++) {
    const length = short + (block < firstLong ? 0 : 1);
    blocks.push(data.slice(at, at + length));
    at += length;
  }
  const corrections = blocks.map((block) => reedSolomon(block, CORRECTING[version]));
  return [...inTurn(blocks), ...inTurn(corrections)];
}

function inTurn(lists) {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.filter((list) => at < list.length).map((list) => list[at])).flat();
}

/** The remainder of the data as a polynomial over GF(256), divided by (x - 1)(x - 2)(x - 4)… with `count` factors. */
export function reedSolomon(data, count) {
  let divisor = [1];
  for (let factor = 0, root = 1; factor < count; factor++, root = product(root, 2)) {
    const shifted = [...divisor, 0];
    divisor = shifted.map((term, at) => term ^ (at > 0 ? product(divisor[at - 1], root) : 0));
  }
  const remainder = [...data, ...new Array(count).fill(0)];
  for (let at = 0; at < data.length; at++) {
    const lead = remainder[at];
    divisor.forEach((term, offset) => (remainder[at + offset] ^= product(term, lead)));
  }
  return remainder.slice(data.length);
}

/** In GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function product(a, b) {
  let sum = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) sum ^= a;
    a = (a << 1) ^ (a & 0x80 ? 0x11d : 0);
  }
  return sum;
}

// --- Modules ---

/** Rows of modules that are not data: true or false, and null where data goes. */
function functionPatterns(version) {
  const size = 17 + 4 * version;
  const rows = Array.from({ length: size }, () => new Array(size).fill(null));
  const set = (x, y, dark) => {
    if (x >= 0 && y >= 0 && x < size && y < size) rows[y][x] = dark;
  };
  const rings = (x, y, radius, light) => {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        set(x + dx, y + dy, !light.includes(ring));
      }
    }
  };
  for (let at = 0; at < size; at++) {
    rows[6][at] = rows[at][6] = at % 2 === 0;
  }
  const centres = ALIGNMENT[version];
  const isCorner = (x, y) => [[6, 6], [6, size - 7], [size - 7, 6]].some(([cx, cy]) => x === cx && y === cy);
  for (const x of centres) {
    for (const y of centres.filter((y) => !isCorner(x, y))) rings(x, y, 2, [1]);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) rings(x, y, 4, [2, 4]);
  writeFormat(rows, 0);
  if (version >= 7) writeVersion(rows, version);
  return rows;
}

/** Level M and the mask with their BCH code, twice. */
function writeFormat(rows, mask) {
  const size = rows.length;
  const format = ((mask << 10) | remainderOf(mask, 10, 0b10100110111)) ^ 0b101010000010010;
  for (let bit = 0; bit < 15; bit++) {
    const dark = ((format >> bit) & 1) === 1;
    // Along column 8 from the top, then along row 8 to the left; both skip the timing pattern.
    if (bit < 8) rows[bit < 6 ? bit : bit + 1][8] = dark;
    else rows[8][bit < 9 ? 7 : 14 - bit] = dark;
    if (bit < 8) rows[8][size - 1 - bit] = dark;
    else rows[size - 15 + bit][8] = dark;
  }
  rows[size - 8][8] = true;
}

function writeVersion(rows, version) {
  const size = rows.length;
  const bits = (version << 12) | remainderOf(version, 12, 0b1111100100101);
  for (let bit = 0; bit < 18; bit++) {
    const [far, near] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
    rows[near][far] = rows[far][near] = ((bits >> bit) & 1) === 1;
  }
}

/** The check bits of a BCH code. */
function remainderOf(value, degree, generator) {
  let rest = value << degree;
  for (let bit = 31 - Math.clz32(rest); bit >= degree; bit = 31 - Math.clz32(rest)) rest ^= generator << (bit - degree);
  return rest;
}

/** The codewords' bits in pairs of columns from right to left, upwards and downwards in turn. */
function placed(codewords, rows) {
  const size = rows.length;
  const isData = rows.map((row) => row.map((module) => module === null));
  let next = 0;
  for (let right = size - 1, upwards = true; right > 0; right -= 2, upwards = !upwards) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const y = upwards ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isData[y][x]) continue;
        // A few modules are left over in some versions; they are light.
        rows[y][x] = ((codewords[next >> 3] >> (7 - (next & 7))) & 1) === 1;
        next++;
      }
    }
  }
  return { rows, isData };
}

function masked({ rows, isData }, mask) {
  const result = rows.map((row, y) => row.map((dark, x) => (isData[y][x] && MASKS[mask](x, y) ? !dark : dark)));
  writeFormat(result, mask);
  return result;
}

/** How hard a code is to read, by the standard's four rules. */
export function penalty(rows) {
  const size = rows.length;
  const columns = rows.map((_, x) => rows.map((row) => row[x]));
  const lines = [...rows, ...columns].map((line) => line.map((dark) => (dark ? 1 : 0)).join(""));
  let sum = 0;
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
    for (const pattern of ["10111010000", "00001011101"]) {
      for (let at = line.indexOf(pattern); at >= 0; at = line.indexOf(pattern, at + 1)) sum += 40;
    }
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const same = rows[y][x] === rows[y - 1][x] && rows[y][x] === rows[y][x - 1] && rows[y][x] === rows[y - 1][x - 1];
      if (same) sum += 3;
    }
  }
  const share = rows.flat().filter(Boolean).length / (size * size);
  return sum + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}
