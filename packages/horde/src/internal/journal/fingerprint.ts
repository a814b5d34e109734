/**
 * Fingerprints: the first 64 bits of a text's SHA-256. They recognise a text that is not stored.
 *
 * Not `crypto.subtle`, which is asynchronous and missing on a page without https; not `@noble/hashes`, which adds 1.7 kB
 * (gzip) to every bundle.
 */

const roundConstants = Uint32Array.from([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
])

const initial = Uint32Array.from([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
])

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The message with its terminating bit, padded to whole blocks of 64 bytes, with its length in bits at the end. */
const padded = (bytes: Uint8Array): DataView => {
  const view = new DataView(new ArrayBuffer((((bytes.length + 8) >> 6) + 1) << 6))
  new Uint8Array(view.buffer).set(bytes)
  view.setUint8(bytes.length, 0x80)
  view.setUint32(view.byteLength - 8, Math.floor(bytes.length / 0x20000000))
  view.setUint32(view.byteLength - 4, bytes.length << 3)
  return view
}

/** Updates the state with one block: FIPS 180-4, section 6.2.2, with its names. */
const digestBlock = (state: Uint32Array, w: Uint32Array): void => {
  const at = (index: number): number => w[index] ?? 0
  for (let t = 16; t < 64; t++) {
    const [x, y] = [at(t - 15), at(t - 2)]
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[t] = at(t - 16) + s0 + at(t - 7) + s1
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let t = 0; t < 64; t++) {
    const t1 =
      h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (roundConstants[t] ?? 0) + at(t)
    const t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] ?? 0) + word
}

const encoder = new TextEncoder()

/** 64 bits, as 16 hexadecimal digits. */
export const fingerprint = (text: string): string => {
  const message = padded(encoder.encode(text))
  const state = initial.slice()
  const w = new Uint32Array(64)
  for (let offset = 0; offset < message.byteLength; offset += 64) {
    for (let t = 0; t < 16; t++) w[t] = message.getUint32(offset + 4 * t)
    digestBlock(state, w)
  }
  return Array.from(state.subarray(0, 2), (word) => word.toString(16).padStart(8, "0")).join("")
}
