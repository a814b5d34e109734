/** Random ids, which no other program makes. `crypto.randomUUID` is missing from older browsers and from pages by http. */

/** So many random bytes in hexadecimal digits. */
export const randomId = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("")
