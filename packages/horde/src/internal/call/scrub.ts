/** Masks secrets in the server's messages, which quote keys, ids and prompts, in whole or in part. */
import { mask } from "../schema/sensitive.js"

/** Shorter secrets may be ordinary words: they are masked only as whole words. */
const shortest = 12

/** The number of consecutive characters in common with a secret from which a text counts as a quotation of it. */
const shared = 10

/** The shortest part of a secret that is masked in quotation marks. */
const shortestQuoted = 3

const uuid = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/** Longer secrets, such as pictures, are too large for a regular expression: they are masked by the text they share. */
const longestPattern = 1000

/** The forms of a secret in texts: literal, percent-encoded, JSON, and UUIDs with and without dashes. */
const formsOf = (secret: string): ReadonlySet<string> => {
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1)])
  // half of a surrogate pair cannot be percent-encoded
  if (!/\p{Surrogate}/u.test(secret)) forms.add(encodeURIComponent(secret))
  const groups = uuid.exec(secret)?.slice(1)
  if (groups !== undefined) forms.add(groups.join("-")).add(groups.join(""))
  return forms
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")

const wordLike = "[\\p{L}\\p{N}_]"

const patternOf = (form: string): RegExp =>
  form.length >= shortest
    ? new RegExp(escaped(form), "giu")
    : new RegExp(`(?<!${wordLike})${escaped(form)}(?!${wordLike})`, "giu")

/** Unchanged if the lower-case form has another length: positions in it must be those in the text. */
const lower = (text: string): string => {
  const lowered = text.toLowerCase()
  return lowered.length === text.length ? lowered : text
}

/** Masks each run of characters that is also in the secret. One pass over each, so that it takes linear time. */
const maskShared = (text: string, secret: string): string => {
  if (secret.length < shared || text.length < shared) return text
  const [haystack, needle] = [lower(text), lower(secret)]
  const pieces = new Set<string>()
  for (let at = 0; at + shared <= needle.length; at++) pieces.add(needle.slice(at, at + shared))
  let result = ""
  let copied = 0
  let at = 0
  while (at + shared <= haystack.length) {
    if (!pieces.has(haystack.slice(at, at + shared))) {
      at++
      continue
    }
    let start = at
    while (at + shared <= haystack.length && pieces.has(haystack.slice(at, at + shared))) at++
    let end = at + shared - 1
    at = end
    // the spaces around a quotation are not part of it
    while (text[start] === " ") start++
    while (text[end - 1] === " ") end--
    result += text.slice(copied, start) + mask
    copied = end
  }
  return result + text.slice(copied)
}

const closing = new Map([
  ["'", "'"],
  ['"', '"'],
  ["`", "`"],
  ["“", "”"],
  ["‘", "’"],
  ["«", "»"]
])

/** The longest quotation that is searched for a short part of a secret. */
const longestQuoted = 200

/** Masks texts in quotation marks that are part of the secret. */
const maskQuoted = (text: string, secret: string): string => {
  const needle = lower(secret)
  let result = ""
  let copied = 0
  for (let at = 0; at < text.length; at++) {
    const close = closing.get(text[at] ?? "")
    if (close === undefined) continue
    const length = text.slice(at + 1, at + 1 + longestQuoted).indexOf(close)
    if (length < shortestQuoted) continue
    if (!needle.includes(lower(text.slice(at + 1, at + 1 + length)))) continue
    result += text.slice(copied, at + 1) + mask
    copied = at + 1 + length
    at = copied
  }
  return result + text.slice(copied)
}

/** Masks all secrets in a text, ignoring case. */
export const scrub = (text: string, secrets: ReadonlyArray<string>): string => {
  let clean = text
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      if (form.length <= Math.min(longestPattern, clean.length)) clean = clean.replaceAll(patternOf(form), mask)
      if (form.length >= shortest) clean = maskShared(clean, form)
    }
    clean = maskQuoted(clean, secret)
  }
  return clean
}

/** The same for the name of a field: a short secret that equals it is a coincidence. */
export const scrubName = (name: string, secrets: ReadonlyArray<string>): string =>
  scrub(
    name,
    secrets.filter(({ length }) => length >= shortest)
  )

/** Whether a text contains one of the secrets. Short secrets are ignored, since they may match by chance. */
export const isIn = (text: string, secrets: ReadonlyArray<string>): boolean => scrubName(text, secrets) !== text
