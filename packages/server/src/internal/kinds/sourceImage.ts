/**
 * The source images of requests.
 */
import { refuse } from "../state/refusal.js"

const signatures = ["89504e47", "ffd8ff", "47494638", "52494646", "424d", "49492a00", "4d4d002a"]

/** Whether a source image is a link. */
export const isLink = (source: string): boolean => source.startsWith("http")

/** Python's decoder skips characters that are not base64, so a `data:` URL decodes to garbage. */
export const decode = (base64: string): Uint8Array => Buffer.from(base64.replace(/[^A-Za-z0-9+/]/g, ""), "base64")

/** Recognises a picture by its first bytes. Links are accepted, since the embedded horde fetches nothing. */
export const checkSource = (source: string | undefined): void => {
  if (source === undefined || isLink(source)) return
  const start = Buffer.from(decode(source.slice(0, 256))).toString("hex")
  const known = signatures.some((signature) => start.startsWith(signature)) || start.slice(8, 16) === "66747970"
  if (!known) refuse(400, "ImageValidationFailed", "The source image could not be decoded")
}
