/**
 * The recorded request of a job, as newer servers return it to the API key that submitted it.
 */
import type { Job } from "../../state/job.js"
import type { Text } from "../../state/text.js"
import type { World } from "../../state/world.js"
import { recordedFields, select } from "../requestFields.js"
import { paramNames } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

/** Returned as received; absent if absent in the request. */
const unchanged = new Set(["proxied_account", "webhook", "context_fit", "template_fields"])

/** Fields that only affect the submit are not recorded, and neither is `softprompt`. */
export const submitted = (_world: World, { received: request }: Job<Text>): Fields => ({
  ...recordedFields(request),
  prompt: request.prompt,
  params: {
    ...select(request.params, paramNames),
    n: request.n,
    max_context_length: request.maxContextLength,
    max_length: request.maxLength
  },
  validated_backends: request.validatedBackends,
  ...select(request.body, unchanged)
})
