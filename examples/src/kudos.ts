/**
 * Gives kudos to another account: a transfer that is sent twice and booked once.
 *
 * Run with: npm run example -- kudos [RECEIVER] [AMOUNT]
 * On another horde than the embedded one, nothing is transferred without a receiver (`alias#number`).
 */
import { randomUUID } from "node:crypto"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { Kudos, Users } from "effect-horde"
import * as Here from "./support/horde.js"
import { type Row, table } from "./support/table.js"

const [receiver = Here.url === undefined ? "owner#1" : undefined, amount = "50"] = process.argv.slice(2)

/** The balance, and the sums of the account's history. */
const row = (when: string, { kudos, kudos_details: details = {} }: Users.UserDetails): Row => ({
  "": when,
  balance: kudos,
  "earned and spent": details.accumulated ?? 0,
  given: details.gifted ?? 0,
  received: details.received ?? 0,
  awarded: details.awarded ?? 0
})

const transferTo = (username: string) =>
  Effect.gen(function* () {
    const idempotencyKey = randomUUID()
    const send = Kudos.transfer({ username, amount: Number(amount) }, { idempotencyKey })
    const { transferred } = yield* send
    yield* Console.log(`transferred: ${transferred} kudos to ${username}`)
    yield* send
    yield* Console.log("sent again with the same idempotency key: booked once")
  })

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)
  const before = yield* Users.me
  yield* Console.log(`${before.username} has ${before.kudos} kudos`)
  if (receiver === undefined) return yield* Console.log("nothing was transferred: name a receiver, such as alias#123")
  yield* transferTo(receiver)
  // `Users.me` may still have the old balance: the server caches its replies for 30 seconds
  const after = yield* Users.get(before.id)
  yield* Console.log(`\n${table([row("before", before), row("after", after)])}`)
}).pipe(
  Effect.catchTag("BadRequest", ({ message, rc = "" }) => Console.log(`nothing was transferred: ${rc}: ${message}`))
)

program.pipe(Effect.provide(Here.layer()), NodeRuntime.runMain)
