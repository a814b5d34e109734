/** `horde whoami`: the account of the API key. */
import * as Effect from "effect/Effect"
import * as Users from "effect-horde/Users"
import { onHorde } from "../connection/onHorde.js"
import { Here } from "../connection/withHorde.js"
import type { ConnectionOptions } from "../options/connection.js"
import { printJson, printLines } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { fields } from "../output/table.js"
import { number, roughly } from "../output/text.js"

const roles = ["moderator", "trusted", "service", "education", "customizer", "special", "flagged"] as const

export const whoami = ({ connection }: { readonly connection: ConnectionOptions }) =>
  onHorde(
    connection,
    { account: true },
    Effect.gen(function* () {
      const { clearStatus, out } = yield* Screen
      const { name } = yield* Here
      yield* Progress.doing("asking for the account")
      const user = yield* Users.me
      yield* clearStatus
      const { account_age, active_generations: active, concurrency, kudos, username, worker_count } = user
      const jobs = [active?.image, active?.text, active?.alchemy].reduce((sum, ids) => sum + (ids?.length ?? 0), 0)
      const sharedKeys = user.sharedkey_ids?.length ?? 0
      const held = roles.filter((role) => user[role] === true)
      if (connection.json) {
        const account = { username, id: user.id, kudos, roles: held, concurrency, jobs, sharedKeys }
        return yield* printJson({ ...account, workers: worker_count ?? 0, horde: name })
      }
      yield* printLines(
        fields(
          [
            ["account", username],
            ["horde", name],
            ["kudos", number(kudos)],
            ["roles", held.length === 0 ? undefined : held.join(", ")],
            ["age", account_age === undefined ? undefined : roughly(account_age)],
            ["jobs", String(jobs)],
            ["workers", number(worker_count ?? 0)],
            ["shared keys", String(sharedKeys)],
            ["may wait", concurrency === undefined ? undefined : `${concurrency} results at once`]
          ],
          out.columns()
        )
      )
    })
  )
