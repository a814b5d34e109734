/**
 * Values that pass the schema but that the real server cannot store or decode.
 */
import type { ImageRequest } from "../../state/imageRequest.js"
import { failNotFinite, internalError, refuse, refuseNul } from "../../state/refusal.js"
import { paramNames } from "./schema.js"

export const checkStorable = ({
  extraSources,
  models,
  params,
  prompt,
  proxiedAccount,
  webhook
}: ImageRequest): void => {
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => paramNames.has(name)))
  refuseNul([prompt, known, models, proxiedAccount, webhook])
  failNotFinite([known, extraSources])
}

const signatures = ["89504e47", "ffd8ff", "47494638", "52494646", "424d", "49492a00", "4d4d002a"]

/** Python's decoder skips characters that are not base64, so a `data:` URL decodes to garbage. */
const firstBytes = (base64: string): string => {
  const significant = base64.slice(0, 256).replace(/[^A-Za-z0-9+/]/g, "")
  return Buffer.from(significant, "base64").toString("hex")
}

/** Recognises a picture by its first bytes. Links are accepted, since the embedded horde fetches nothing. */
const checkSource = (source: string | undefined): void => {
  if (source === undefined || source.startsWith("http")) return
  const start = firstBytes(source)
  const known = signatures.some((signature) => start.startsWith(signature)) || start.slice(8, 16) === "66747970"
  if (!known) refuse(400, "ImageValidationFailed", "The source image could not be decoded")
}

export const checkSources = ({ extraSources, sourceImage, sourceMask }: ImageRequest): void => {
  checkSource(sourceImage)
  checkSource(sourceMask)
  for (const { image } of extraSources ?? []) checkSource(typeof image === "string" ? image : internalError())
}
