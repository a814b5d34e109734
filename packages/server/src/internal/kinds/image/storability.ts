/**
 * Values that pass the schema but that the real server cannot store or decode.
 */
import type { ImageRequest } from "../../state/imageRequest.js"
import { failNotFinite, internalError, refuseNul } from "../../state/refusal.js"
import { checkSource } from "../sourceImage.js"
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

export const checkSources = ({ extraSources, sourceImage, sourceMask }: ImageRequest): void => {
  checkSource(sourceImage)
  checkSource(sourceMask)
  for (const { image } of extraSources ?? []) checkSource(typeof image === "string" ? image : internalError())
}
