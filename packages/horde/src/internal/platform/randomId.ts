/** Unique random ids. Not `crypto.randomUUID`: it is missing in older browsers and on pages without https. */

/** Returns random bytes as hexadecimal digits. */
export const randomId = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("")
