/** Texts for a terminal. */

/** Escape sequences of terminals, complete ones first. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it removes control characters
const sequences = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/g

/** Control characters except newline and tab, and characters that change the direction of the text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it removes control characters
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g

/**
 * Removes everything that a terminal would interpret. Texts of workers and of the server must not move the cursor or
 * set the title of the window.
 */
export const withoutControls = (text: string): string =>
  text.replaceAll("\r\n", "\n").replace(sequences, "").replace(controls, "")

/** The same on one line. */
export const onOneLine = (text: string): string => withoutControls(text).replace(/\s+/g, " ").trim()

const segmenter = new Intl.Segmenter()

/** East Asian wide characters and emoji, which take two columns. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/** The number of columns that a text takes. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** Cuts a text to a number of columns. */
export const cut = (text: string, columns: number): string => {
  if (widthOf(text) <= columns) return text
  let kept = ""
  let width = 1 // of the ellipsis
  for (const { segment } of segmenter.segment(text)) {
    width += wide.test(segment) ? 2 : 1
    if (width > columns) break
    kept += segment
  }
  return columns < 1 ? "" : `${kept}…`
}

/** A number with at most two decimals. */
export const number = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "unknown" : String(Math.round(value * 100) / 100)

/** A number of things: `1 picture`, `3 pictures`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** Seconds as `45 s`, `3 min`, `2 h` or `5 days`. */
export const roughly = (seconds: number): string => {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
