/**
 * The capabilities of text workers, and the jobs that need them.
 */
import { applying } from "../../jobs/obstacles.js"
import { commonAbilities } from "../../jobs/registerWorker.js"
import type { User } from "../../state/account.js"
import type { Job } from "../../state/job.js"
import type { Text, TextAbilities } from "../../state/text.js"
import type { PopBody } from "./workerSchema.js"

/** The programs that may take jobs with `validated_backends`. */
const validatedBackends: ReadonlySet<string> = new Set([
  "AI Horde Worker",
  "AI Horde Worker~aphrodite~oai",
  "AI Horde Worker~aphrodite~kai",
  "KoboldCppEmbedWorker",
  "TabbyAPI"
])

/** The capabilities that the body of a pop declares. */
export const fromBody = (owner: User, body: PopBody): TextAbilities => ({
  ...commonAbilities(owner, body, validatedBackends),
  maxLength: body.max_length ?? 512,
  maxContextLength: body.max_context_length ?? 2048
})

/** The abilities for the job that a worker lacks. */
export const lacks = ({ request }: Job<Text>, abilities: TextAbilities): ReadonlyArray<string> =>
  applying([
    [request.maxContextLength > abilities.maxContextLength, "max_context_length"],
    [request.maxLength > abilities.maxLength, "max_length"],
    [request.validatedBackends && !abilities.knownBridge, "bridge_version"]
  ])
