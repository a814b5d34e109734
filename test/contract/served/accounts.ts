/** Accounts, their kudos and shared keys. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Kudos from "effect-horde/Kudos"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Users from "effect-horde/Users"
import { asPlain, asWorker2, later, type Scenarios } from "./scenario.js"

export const accounts: Scenarios = {
  "accounts are listed, and changed by themselves and by moderators": Effect.gen(function* () {
    assert.include(yield* asPlain(Users.me), { id: 2, username: "plain#2", kudos: 500 })
    const changed = yield* asPlain(Users.modify(2, { username: "plainer", contact: "plain@example.invalid" }))
    assert.deepStrictEqual(changed, { username: "plainer", contact: "plain@example.invalid" })
    const moderated = yield* Users.modify(2, { service: true, admin_comment: "a service", concurrency: 60 })
    assert.deepStrictEqual(moderated, { service: true, admin_comment: "a service", concurrency: 60 })
    const { proxy_passkey } = yield* asPlain(Users.modify(2, { generate_proxy_passkey: true }))
    const seen = { username: "plainer#2", service: true, admin_comment: "a service", concurrency: 60 }
    const details = yield* later(Users.get(2))
    assert.include(details, { ...seen, contact: "plain@example.invalid" })
    assert.isDefined(proxy_passkey)
    assert.deepStrictEqual(details.proxy_passkey, proxy_passkey)
    const names = (yield* Users.list({ sort: "age" })).map(({ username }) => username)
    assert.includeMembers(names, ["owner#1", "plainer#2", "worker#3", "worker2#4"])
  }),

  "an account is deleted and restored": Effect.gen(function* () {
    yield* asWorker2(Users.remove(4))
    assert.include(yield* later(Users.get(4)), { deleted: true })
    assert.deepStrictEqual(yield* Users.modify(4, { undelete: true }), { undeleted: true })
    assert.include(yield* later(Users.get(4)), { deleted: false })
  }),

  "kudos are transferred and awarded": Effect.gen(function* () {
    assert.deepStrictEqual(yield* asPlain(Kudos.transfer({ username: "worker#3", amount: 40 })), { transferred: 40 })
    assert.deepStrictEqual(yield* Kudos.award({ username: "worker#3", amount: 7 }), { awarded: 7 })
    assert.strictEqual((yield* later(Users.get(2))).kudos, 460)
    const receiver = yield* Users.get(3)
    assert.strictEqual(receiver.kudos, 47)
    assert.include(receiver.kudos_details, { received: 40, awarded: 7 })
  }),

  "a shared key is created, changed, given kudos and deleted": Effect.gen(function* () {
    const { id } = yield* asPlain(SharedKeys.create({ name: "for guests", kudos: 50 }))
    assert.include(yield* SharedKeys.get(id), { name: "for guests", kudos: 50, username: "plain#2" })
    yield* asPlain(SharedKeys.modify(id, { name: "for friends", kudos: 90, max_text_tokens: 80 }))
    yield* Kudos.transfer({ username: id, amount: 10 })
    assert.include(yield* SharedKeys.getFresh(id), { name: "for friends", kudos: 100, max_text_tokens: 80 })
    const { sharedkey_ids = [] } = yield* asPlain(Users.me)
    assert.deepStrictEqual(
      sharedkey_ids.map((key) => Redacted.value(key)),
      [Redacted.value(id)]
    )
    assert.strictEqual((yield* asPlain(SharedKeys.remove(id))).message, "OK")
    const { sharedkey_ids: left } = yield* later(asPlain(Users.me))
    assert.deepStrictEqual(left, [])
  })
}
