/**
 * SHA-256 of bytes that come in pieces (FIPS 180-4). Browsers have it for secure pages alone, and a camera is reached over plain
 * http. Pure.
 */

const BLOCK = 64; // bytes
const PRIMES = firstPrimes(64);
/** The first 32 bits of the fractions of cube roots (4.2.2) and square roots (5.3.3) of the first primes. */
const ROUNDS = Uint32Array.from(PRIMES, (prime) => fractionOf(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fractionOf(Math.sqrt(prime)));

/** @param {number} root */
function fractionOf(root) {
  return Math.floor((root % 1) * 2 ** 32);
}

/** @param {number} count */
function firstPrimes(count) {
  /** @type {number[]} */
  const primes = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

export class Sha256 {
  #state = Uint32Array.from(START);
  #rest = new Uint8Array(BLOCK);
  #restBytes = 0;
  #bytes = 0;
  #words = new Uint32Array(64);

  /** @param {Uint8Array} data @returns {this} */
  update(data) {
    this.#bytes += data.length;
    let from = 0;
    if (this.#restBytes > 0) {
      from = Math.min(BLOCK - this.#restBytes, data.length);
      this.#rest.set(data.subarray(0, from), this.#restBytes);
      this.#restBytes += from;
      if (this.#restBytes < BLOCK) return this;
      this.#block(this.#rest, 0);
      this.#restBytes = 0;
    }
    for (; from + BLOCK <= data.length; from += BLOCK) this.#block(data, from);
    this.#rest.set(data.subarray(from));
    this.#restBytes = data.length - from;
    return this;
  }

  /** The digest in base64, as HTTP writes it. Nothing can be added after it. @returns {string} */
  base64() {
    const bits = BigInt(this.#bytes) * 8n;
    const end = new Uint8Array(this.#restBytes < BLOCK - 8 ? BLOCK : 2 * BLOCK);
    end.set(this.#rest.subarray(0, this.#restBytes));
    end[this.#restBytes] = 0x80;
    new DataView(end.buffer).setBigUint64(end.length - 8, bits);
    for (let at = 0; at < end.length; at += BLOCK) this.#block(end, at);
    const digest = new DataView(new ArrayBuffer(32));
    for (const [n, word] of this.#state.entries()) digest.setUint32(4 * n, word);
    return btoa(String.fromCharCode(...new Uint8Array(digest.buffer)));
  }

  /** @param {Uint8Array} data @param {number} at Where its 64 bytes begin. */
  #block(data, at) {
    const w = this.#words;
    for (let t = 0, i = at; t < 16; t += 1, i += 4) w[t] = (data[i] << 24) | (data[i + 1] << 16) | (data[i + 2] << 8) | data[i + 3];
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15];
      const y = w[t - 2];
      const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    const state = this.#state;
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t += 1) {
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t];
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; // one by one: taken apart as a list it takes twice as long
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

/** @param {number} word @param {number} bits */
function turn(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}
