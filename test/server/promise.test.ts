import { assert, describe, it } from "@effect/vitest"
import { startHorde } from "@effect-horde/server/promise"
import { Effect } from "effect"

describe("startHorde", () => {
  it.live("serves until it is closed, and rejects if the port is taken", () =>
    Effect.promise(async () => {
      const server = await startHorde()
      const heartbeat = () => fetch(`${server.url}/v2/status/heartbeat`)
      assert.strictEqual((await heartbeat()).status, 200)
      assert.deepStrictEqual(
        (await server.exchanges()).map(({ route }) => route),
        ["/v2/status/heartbeat"]
      )
      assert.isEmpty(await server.jobs())
      const taken = await startHorde({ port: Number(new URL(server.url).port) }).catch((error: unknown) => error)
      assert.propertyVal(taken, "_tag", "ServeError")
      await server.close()
      assert.strictEqual(
        await heartbeat().then(
          () => "served",
          () => "closed"
        ),
        "closed"
      )
    })
  )
})
