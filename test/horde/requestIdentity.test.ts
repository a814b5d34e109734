/** The fields that identify a request. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { imageIdentity } from "../../packages/horde/src/internal/image/models/identity.js"
import { identity, requestIdentity } from "../../packages/horde/src/internal/schema/identity.js"
import { nullable } from "../../packages/horde/src/internal/schema/nullable.js"
import { optional } from "../../packages/horde/src/internal/schema/optional.js"
import { textIdentity } from "../../packages/horde/src/internal/text/models/identity.js"

describe("identities of requests", () => {
  it("the identity of an image request has the fields that the server returns unchanged", () => {
    assert.sameMembers(
      [...imageIdentity.content],
      [
        "prompt",
        "params",
        "nsfw",
        "trusted_workers",
        "validated_backends",
        "slow_workers",
        "extra_slow_workers",
        "censor_nsfw",
        "workers",
        "worker_blacklist",
        "models",
        "source_processing",
        "r2",
        "disable_batching"
      ]
    )
    assert.deepStrictEqual(imageIdentity.presence, ["source_image", "source_mask", "extra_source_images"])
    assert.sameMembers(
      [...imageIdentity.neverFilledIn],
      ["params.seed", "params.control_type", "params.loras", "params.tis"]
    )
  })

  it("the identity of a text request has the fields that the server returns unchanged", () => {
    assert.sameMembers(
      [...textIdentity.content],
      [
        "prompt",
        "params",
        "trusted_workers",
        "validated_backends",
        "slow_workers",
        "extra_slow_workers",
        "workers",
        "worker_blacklist",
        "models",
        "disable_batching",
        "context_fit"
      ]
    )
    assert.deepStrictEqual(textIdentity.presence, ["extra_source_images"])
    // the server fills in these parameters if they are absent
    const filledIn = ["n", "max_length", "max_context_length", "min_p", "smoothing_factor", "dynatemp_range"]
    for (const name of filledIn) assert.notInclude(textIdentity.neverFilledIn, `params.${name}`)
    for (const name of ["temperature", "top_p", "stop_sequence", "sampler_order", "singleline"]) {
      assert.include(textIdentity.neverFilledIn, `params.${name}`)
    }
  })

  it("the identity has the annotated fields of both models", () => {
    const request = Schema.Struct({
      form: identity(Schema.String, "contentWithoutDefault"),
      text: Schema.String,
      image: optional(identity(Schema.String, "presence")),
      style: identity(Schema.String, "none"),
      details: optional(
        Schema.Struct({ size: identity(Schema.Number, "contentWithoutDefault"), other: Schema.Number })
      ),
      unreported: Schema.String
    })
    const field = nullable(Schema.Unknown)
    const reported = Schema.Struct({ form: field, text: field, image: field, style: field, details: field })
    assert.deepStrictEqual(requestIdentity(request, reported), {
      content: ["form", "text", "details"],
      presence: ["image"],
      neverFilledIn: ["form", "details.size"]
    })
  })
})
