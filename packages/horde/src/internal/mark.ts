/**
 * Marks by which a text is known again without being kept.
 *
 * Two lanes of 32 bits, multiplied and mixed: enough to tell a damaged record, or one request among an account's own,
 * and too little to get a key or a prompt back from.
 */
export const markOf = (text: string): string => {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("")
}
