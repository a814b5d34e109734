/** What a program can read of an endpoint without calling it. */
import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { EndpointMetadata, ImageGeneration, Job, SharedKeys, TextGeneration } from "effect-horde"

const id = SharedKeys.sharedKeyId("2f1d5a52-6c3d-4a44-9a4b-3f0a8f6a2b11")
const job = Job.GenerationRequestId.make("7c9e6679-7425-40de-944b-e07fc1f90ae7")

describe("EndpointMetadata", () => {
  it("sensitiveFields lists the fields that must not be logged", () => {
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(SharedKeys.Get), ["params.id"])
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(ImageGeneration.Check), ["params.id"])
    assert.includeMembers(
      [...EndpointMetadata.sensitiveFields(ImageGeneration.Submit)],
      ["payload.prompt", "payload.source_image", "payload.extra_source_images.image", "payload.webhook"]
    )
    assert.sameMembers(
      [...EndpointMetadata.sensitiveFields(TextGeneration.Submit)],
      [
        "payload.prompt",
        "payload.params.stop_sequence",
        "payload.webhook",
        "payload.template_fields",
        "payload.extra_source_images.image",
        "payload.extra_source_images.original_url"
      ]
    )
    for (const endpoint of [TextGeneration.Status, TextGeneration.Cancel, TextGeneration.Submitted]) {
      assert.deepStrictEqual(EndpointMetadata.sensitiveFields(endpoint), ["params.id"])
    }
  })

  it("logSafeModel masks the sensitive fields of a status reply", () => {
    const generation: ImageGeneration.GenerationStable = {
      id: Job.GenerationId.make("g1"),
      img: "https://objects.example/secret",
      censored: false,
      state: "ok",
      gen_metadata: []
    }
    const shown = JSON.stringify(EndpointMetadata.logSafeModel(ImageGeneration.GenerationStable, generation))
    assert.notInclude(shown, "secret")
    assert.include(shown, "g1")
  })

  it("sameRequest compares requests by their values", () => {
    const same = EndpointMetadata.sameRequest(SharedKeys.Modify)
    const twin = SharedKeys.sharedKeyId(Redacted.value(id))
    const other = SharedKeys.sharedKeyId("0b7d9a3e-93b6-4df1-8d5f-2b7a8c1d4e55")
    assert.isTrue(same({ params: { id }, payload: { kudos: 5 } }, { params: { id: twin }, payload: { kudos: 5 } }))
    assert.isFalse(same({ params: { id }, payload: { kudos: 5 } }, { params: { id: other }, payload: { kudos: 5 } }))
    assert.isFalse(same({ params: { id }, payload: { kudos: 5 } }, { params: { id }, payload: { kudos: 6 } }))
    assert.isTrue(EndpointMetadata.sameRequest(ImageGeneration.Check)({ params: { id: job } }, { params: { id: job } }))
  })

  it("requiresFollowUp, queryFields and url describe a call without sending it", () => {
    assert.isTrue(EndpointMetadata.requiresFollowUp(ImageGeneration.Submit))
    assert.isFalse(EndpointMetadata.requiresFollowUp(ImageGeneration.Price))
    assert.deepStrictEqual(EndpointMetadata.queryFields(SharedKeys.Get), [])
    const noId = SharedKeys.sharedKeyId("")
    assert.throws(() => EndpointMetadata.url(SharedKeys.Get, { params: { id: noId } }), /params\.id/)
  })
})
