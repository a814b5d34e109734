/**
 * Styles: prompts with parameters and models under a name, which requests for images and texts can use.
 *
 * A request names a style in its field `style`, by its id or its name, also in the form `alias#id::style::name`.
 *
 * @example
 * ```ts
 * import * as Styles from "effect-horde/Styles"
 * import * as Effect from "effect/Effect"
 *
 * export const ink = Effect.gen(function* () {
 *   const { id } = yield* Styles.createImage({
 *     name: "ink drawing",
 *     prompt: "{p}, ink###{np}",
 *     models: ["stable_diffusion"]
 *   })
 *   yield* Styles.addExample(id, { url: "https://example.com/ink.webp", primary: false })
 *   return id
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import type { SimpleResponse } from "./internal/schema/simpleResponse.js"
import {
  AddExample,
  CreateImage,
  DeleteExample,
  DeleteImage,
  GetImage,
  GetImageByName,
  ListImage,
  ModifyExample,
  ModifyImage
} from "./internal/styles/imageEndpoints.js"
import type { StyleModify } from "./internal/styles/modified.js"
import type { StyleKobold, StyleStable } from "./internal/styles/replies.js"
import type {
  InputStyleExamplePatch,
  InputStyleExamplePost,
  ModelStyleInputKobold,
  ModelStyleInputStable,
  ModelStylePatchKobold,
  ModelStylePatchStable
} from "./internal/styles/requests.js"
import type { StyleQuery } from "./internal/styles/routes.js"
import {
  CreateText,
  DeleteText,
  GetText,
  GetTextByName,
  ListText,
  ModifyText
} from "./internal/styles/textEndpoints.js"

export type { ModelStyleInputParamsStable } from "./internal/image/models/styleParams.js"
export { SimpleResponse } from "./internal/schema/simpleResponse.js"
export * from "./internal/styles/imageEndpoints.js"
export * from "./internal/styles/modified.js"
export * from "./internal/styles/replies.js"
export * from "./internal/styles/requests.js"
export type { StyleQuery } from "./internal/styles/routes.js"
export * from "./internal/styles/textEndpoints.js"
export type { ModelStyleInputParamsKobold } from "./internal/text/models/styleParams.js"

/**
 * The errors of {@link listImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListImageError = Endpoint.ErrorOf<typeof ListImage>

/**
 * Lists the public image styles. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const listImage = (
  query: StyleQuery = {}
): Effect.Effect<ReadonlyArray<StyleStable>, ListImageError, ListImage> =>
  Effect.flatMap(ListImage, (call) => call({ query }))

/**
 * The errors of {@link createImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateImageError = Endpoint.ErrorOf<typeof CreateImage>

/**
 * Creates an image style. The call is never retried, because a retry may create a second style.
 *
 * @since 0.1.0
 * @category functions
 */
export const createImage = (style: ModelStyleInputStable): Effect.Effect<StyleModify, CreateImageError, CreateImage> =>
  Effect.flatMap(CreateImage, (call) => call({ payload: style }))

/**
 * The errors of {@link getImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetImageError = Endpoint.ErrorOf<typeof GetImage>

/**
 * Reads an image style. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const getImage = (id: string): Effect.Effect<StyleStable, GetImageError, GetImage> =>
  Effect.flatMap(GetImage, (call) => call({ params: { id } }))

/**
 * The errors of {@link getImageByName}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetImageByNameError = Endpoint.ErrorOf<typeof GetImageByName>

/**
 * Reads an image style by its name. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const getImageByName = (name: string): Effect.Effect<StyleStable, GetImageByNameError, GetImageByName> =>
  Effect.flatMap(GetImageByName, (call) => call({ params: { name } }))

/**
 * The errors of {@link modifyImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyImageError = Endpoint.ErrorOf<typeof ModifyImage>

/**
 * Changes the given fields of an image style; see {@link ModifyImage} for what older servers do.
 *
 * @since 0.1.0
 * @category functions
 */
export const modifyImage = (
  id: string,
  changes: ModelStylePatchStable
): Effect.Effect<StyleModify, ModifyImageError, ModifyImage> =>
  Effect.flatMap(ModifyImage, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link removeImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveImageError = Endpoint.ErrorOf<typeof DeleteImage>

/**
 * Deletes an image style.
 *
 * @since 0.1.0
 * @category functions
 */
export const removeImage = (id: string): Effect.Effect<SimpleResponse, RemoveImageError, DeleteImage> =>
  Effect.flatMap(DeleteImage, (call) => call({ params: { id } }))

/**
 * The errors of {@link addExample}.
 *
 * @since 0.1.0
 * @category errors
 */
export type AddExampleError = Endpoint.ErrorOf<typeof AddExample>

/**
 * Adds an example picture to an image style. Returns the id of the example.
 *
 * @since 0.1.0
 * @category functions
 */
export const addExample = (
  id: string,
  example: InputStyleExamplePost
): Effect.Effect<StyleModify, AddExampleError, AddExample> =>
  Effect.flatMap(AddExample, (call) => call({ params: { id }, payload: example }))

/**
 * The errors of {@link modifyExample}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyExampleError = Endpoint.ErrorOf<typeof ModifyExample>

/**
 * Changes an example picture of an image style.
 *
 * @since 0.1.0
 * @category functions
 */
export const modifyExample = (
  id: string,
  example: string,
  changes: InputStyleExamplePatch
): Effect.Effect<StyleModify, ModifyExampleError, ModifyExample> =>
  Effect.flatMap(ModifyExample, (call) => call({ params: { id, example }, payload: changes }))

/**
 * The errors of {@link removeExample}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveExampleError = Endpoint.ErrorOf<typeof DeleteExample>

/**
 * Deletes an example picture of an image style.
 *
 * @since 0.1.0
 * @category functions
 */
export const removeExample = (
  id: string,
  example: string
): Effect.Effect<SimpleResponse, RemoveExampleError, DeleteExample> =>
  Effect.flatMap(DeleteExample, (call) => call({ params: { id, example } }))

/**
 * The errors of {@link listText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListTextError = Endpoint.ErrorOf<typeof ListText>

/**
 * Lists the public text styles. The reply may be up to one second old.
 *
 * @since 0.1.0
 * @category functions
 */
export const listText = (query: StyleQuery = {}): Effect.Effect<ReadonlyArray<StyleKobold>, ListTextError, ListText> =>
  Effect.flatMap(ListText, (call) => call({ query }))

/**
 * The errors of {@link createText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateTextError = Endpoint.ErrorOf<typeof CreateText>

/**
 * Creates a text style. The call is never retried, because a retry may create a second style.
 *
 * @since 0.1.0
 * @category functions
 */
export const createText = (style: ModelStyleInputKobold): Effect.Effect<StyleModify, CreateTextError, CreateText> =>
  Effect.flatMap(CreateText, (call) => call({ payload: style }))

/**
 * The errors of {@link getText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetTextError = Endpoint.ErrorOf<typeof GetText>

/**
 * Reads a text style. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const getText = (id: string): Effect.Effect<StyleKobold, GetTextError, GetText> =>
  Effect.flatMap(GetText, (call) => call({ params: { id } }))

/**
 * The errors of {@link getTextByName}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetTextByNameError = Endpoint.ErrorOf<typeof GetTextByName>

/**
 * Reads a text style by its name. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const getTextByName = (name: string): Effect.Effect<StyleKobold, GetTextByNameError, GetTextByName> =>
  Effect.flatMap(GetTextByName, (call) => call({ params: { name } }))

/**
 * The errors of {@link modifyText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyTextError = Endpoint.ErrorOf<typeof ModifyText>

/**
 * Changes the given fields of a text style; see {@link ModifyText} for what older servers do.
 *
 * @since 0.1.0
 * @category functions
 */
export const modifyText = (
  id: string,
  changes: ModelStylePatchKobold
): Effect.Effect<StyleModify, ModifyTextError, ModifyText> =>
  Effect.flatMap(ModifyText, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link removeText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveTextError = Endpoint.ErrorOf<typeof DeleteText>

/**
 * Deletes a text style.
 *
 * @since 0.1.0
 * @category functions
 */
export const removeText = (id: string): Effect.Effect<SimpleResponse, RemoveTextError, DeleteText> =>
  Effect.flatMap(DeleteText, (call) => call({ params: { id } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  | ListImage
  | CreateImage
  | GetImage
  | GetImageByName
  | ModifyImage
  | DeleteImage
  | AddExample
  | ModifyExample
  | DeleteExample
  | ListText
  | CreateText
  | GetText
  | GetTextByName
  | ModifyText
  | DeleteText,
  never,
  HordeClient
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(
    ListImage.layer,
    CreateImage.layer,
    GetImage.layer,
    GetImageByName.layer,
    ModifyImage.layer,
    DeleteImage.layer,
    AddExample.layer,
    ModifyExample.layer,
    DeleteExample.layer,
    ListText.layer,
    CreateText.layer,
    GetText.layer,
    GetTextByName.layer,
    ModifyText.layer,
    DeleteText.layer
  )
)
