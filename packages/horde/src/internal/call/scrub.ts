/** Takes secrets out of the server's sentences, which quote keys, ids and prompts, in whole or in part. */
import { mask } from "../schema/sensitive.js"

/** Shorter secrets are ordinary words: they are masked only where they stand as words of their own. */
const shortest = 12

/** So many characters in a row that a sentence shares with a secret are a quotation of it. */
const shared = 10

/** The shortest part of a secret that is masked where the server puts it in quotation marks. */
const shortestQuoted = 3

const uuid = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/** A secret as it may be written: as it is, in an address, in JSON, and an id with and without dashes. */
const formsOf = (secret: string): ReadonlySet<string> => {
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1)])
  // half of a surrogate pair cannot be percent-encoded, so no server quotes it so
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

/** For comparing by position: the lower-case form of some letters is longer than they are. */
const lower = (text: string): string => {
  const lowered = text.toLowerCase()
  return lowered.length === text.length ? lowered : text
}

/** Masks each run of characters that stands in the secret too. One pass, so that its time grows with both lengths. */
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
    // the spaces around a quotation belong to the sentence
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

/** The longest quotation in which a short part of a secret is looked for. */
const longestQuoted = 200

/** Masks what stands in quotation marks and is part of the secret. */
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

/** Capitals make no difference. */
export const scrub = (text: string, secrets: ReadonlyArray<string>): string => {
  let clean = text
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      clean = clean.replaceAll(patternOf(form), mask)
      if (form.length >= shortest) clean = maskShared(clean, form)
    }
    clean = maskQuoted(clean, secret)
  }
  return clean
}

/** The same for the name of a field, which is no quotation where it only looks like a short secret. */
export const scrubName = (name: string, secrets: ReadonlyArray<string>): string =>
  scrub(
    name,
    secrets.filter(({ length }) => length >= shortest)
  )

/** Whether a text holds one of the secrets. Short ones may be there by chance. */
export const isIn = (text: string, secrets: ReadonlyArray<string>): boolean => scrubName(text, secrets) !== text
