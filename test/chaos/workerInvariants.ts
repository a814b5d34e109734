/** What must hold for workers after every run. */
import type { Ledger } from "./ledger.js"
import { isOver, type WorkerLedger } from "./workerLedger.js"

/** No popped job is without an owner: each is delivered or returned once recovery has run. */
const ownerless = (ledger: Ledger, { popped }: WorkerLedger): ReadonlyArray<string> =>
  popped.flatMap((job, index) => {
    const { id, program, wasWritten } = job
    // a form keeps its id: if its worker pops it again, the journal has one entry for both pops
    if (popped.slice(index + 1).some((later) => later.id === id && later.program === program)) return []
    // a worker that is killed between the reply to its pop and the write to its journal leaves no trace of the job
    if (!wasWritten && ledger.lives.get(program)?.isKilled === true) return []
    return isOver(job) ? [] : [`${id} was popped by ${program} and neither delivered nor returned`]
  })

/** A worker that knows that its result was accepted sends nothing more for this job. */
const submittedTwice = ({ popped }: WorkerLedger): ReadonlyArray<string> =>
  popped.flatMap(({ id, submits }) => {
    const accepted = submits.findIndex((one) => one.type === "answered" && one.status === 200)
    const first = submits[accepted]
    if (first === undefined) return []
    const again = submits
      .slice(accepted + 1)
      .filter(({ program, type }) => type === "sent" && program === first.program)
    return again.length > 0 ? [`${id} was submitted again by ${first.program} after its submit was accepted`] : []
  })

/** The server takes one result for each job, however often it is popped. */
const acceptedTwice = ({ popped }: WorkerLedger): ReadonlyArray<string> => {
  const results = new Map<string, number>()
  for (const { id, submits } of popped) {
    const accepted = submits.filter((one) => one.type === "answered" && one.status === 200 && !one.isFault)
    results.set(id, (results.get(id) ?? 0) + accepted.length)
  }
  return [...results].flatMap(([id, count]) => (count > 1 ? [`${count} results of ${id} were accepted`] : []))
}

/** Descriptions of all violations; empty if there are none. */
export const workerViolations = ({
  ledger,
  workers
}: {
  readonly ledger: Ledger
  readonly workers: WorkerLedger
}): ReadonlyArray<string> => [...ownerless(ledger, workers), ...submittedTwice(workers), ...acceptedTwice(workers)]
