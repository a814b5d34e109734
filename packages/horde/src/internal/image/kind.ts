import * as Effect from "effect/Effect"
import type { JobKind } from "../../JobKind.js"
import { Find } from "../../Users.js"
import { viewOf } from "../jobs/jobView.js"
import { GenerationRequestId } from "../jobs/models.js"
import { Check, Submit, Submitted } from "./endpoints.js"

const paramsOf = (id: string) => ({ params: { id: GenerationRequestId.make(id) } })

/**
 * The kind of image jobs, for `Recovery`. It searches the account's list of active image jobs, and identifies a job by
 * its request.
 *
 * @since 0.1.0
 * @category kinds
 */
export const kind: JobKind<Find | Check | Submitted> = {
  starts: Submit.declaration.followUp,
  search: {
    ids: Effect.flatMap(Find, (find) =>
      Effect.map(find(), ({ active_generations }) => active_generations?.image ?? [])
    ),
    view: (id) => Effect.flatMap(Check, (check) => Effect.map(check(paramsOf(id)), viewOf)),
    request: (id) =>
      Effect.flatMap(Submitted, (submitted) => Effect.map(submitted(paramsOf(id)), (one) => ({ ...one })))
  }
}
