/**
 * The kinds of popped jobs, for the follow-up and `Recovery`. A popped job is returned to the server by reporting it as
 * faulted: it then gives the job to another worker at once, and not only after the job's `ttl`.
 *
 * @since 0.1.0
 */
import type { CallError } from "../../HordeError.js"
import type { JobKind } from "../../JobKind.js"
import { SubmitAlchemy, SubmitImage, SubmitText } from "./endpoints.js"

const ended: ReadonlySet<string | undefined> = new Set(["DuplicateGen", "AbortedGen", "InvalidJobID"])

/** Whether the server has the job's result, or has given the job to another worker. */
const isEndedBy = ({ rc }: CallError): boolean => ended.has(rc)

/**
 * A form keeps its id. If the worker of another account has it by now, the server refuses a return as one with a wrong
 * key, whichever worker had the form before.
 */
const isFormEndedBy = (error: CallError): boolean => isEndedBy(error) || error.rc === "WrongCredentials"

const faulted = { generation: "faulted", state: "faulted" }

/**
 * The kind of image jobs that a worker has popped. Recovery returns those of a dead process to the server, with the
 * policy `resume` too: another process does not have their requests. The process that recovers must use the same key.
 *
 * @since 0.1.0
 * @category kinds
 */
export const poppedImage: JobKind = {
  starts: {
    job: "popped image",
    cancel: SubmitImage.declaration,
    cancelBody: (id) => ({ id, ...faulted, seed: 0 }),
    isEndedBy,
    isResumable: false
  }
}

/**
 * The kind of text jobs that a worker has popped. Otherwise like {@link poppedImage}.
 *
 * @since 0.1.0
 * @category kinds
 */
export const poppedText: JobKind = {
  starts: {
    job: "popped text",
    cancel: SubmitText.declaration,
    cancelBody: (id) => ({ id, ...faulted }),
    isEndedBy,
    isResumable: false
  }
}

/**
 * The kind of alchemy forms that a worker has popped. Otherwise like {@link poppedImage}.
 *
 * @since 0.1.0
 * @category kinds
 */
export const poppedForm: JobKind = {
  starts: {
    job: "popped form",
    cancel: SubmitAlchemy.declaration,
    cancelBody: (id) => ({ id, result: {}, state: "faulted" }),
    isEndedBy: isFormEndedBy,
    isResumable: false
  }
}
