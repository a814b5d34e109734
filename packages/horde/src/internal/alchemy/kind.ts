import type { JobKind } from "../../JobKind.js"
import { Submit } from "./endpoints.js"

/**
 * The kind of alchemy jobs, for `Recovery`. The server lists no alchemy jobs, so that a submit whose reply was lost is
 * only reported.
 *
 * @since 0.1.0
 * @category kinds
 */
export const kind: JobKind = { starts: Submit.declaration.followUp }
