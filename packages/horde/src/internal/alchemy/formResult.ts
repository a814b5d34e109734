/** The results of the forms of an alchemy job. */
import * as Effect from "effect/Effect"
import { NodeInspectSymbol } from "effect/Inspectable"
import type { Download, ImageFile } from "../../Download.js"
import { extensions } from "../image/sniff.js"
import type { GenerationRequestId } from "../jobs/models.js"
import { postProcessors } from "../jobs/postProcessors.js"
import type { Delivered } from "../jobs/results.js"
import type { Subscription } from "../jobs/watcher.js"
import { fingerprint } from "../journal/fingerprint.js"
import type {
  InterrogationDetails,
  InterrogationFormResult,
  InterrogationFormStatus,
  InterrogationStatus
} from "./models.js"
import type { AlchemyForm } from "./values.js"

/**
 * A sentence that describes the image.
 *
 * @since 0.1.0
 * @category models
 */
export interface CaptionResult {
  readonly _tag: "Caption"
  readonly form: "caption"
  readonly text: string
}

/**
 * Tags of the image with their confidence, by subject.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationResult {
  readonly _tag: "Interrogation"
  readonly form: "interrogation"
  readonly details: InterrogationDetails
}

/**
 * Whether the image is unsafe for work.
 *
 * @since 0.1.0
 * @category models
 */
export interface NsfwResult {
  readonly _tag: "Nsfw"
  readonly form: "nsfw"
  readonly isUnsafe: boolean
}

/**
 * The image as a vector graphic, as the worker sent it.
 *
 * @since 0.1.0
 * @category models
 */
export interface VectorizeResult {
  readonly _tag: "Vectorize"
  readonly form: "vectorize"
  readonly text: string
}

/**
 * The annotation of the image for a control type, as the worker sent it; newer servers only.
 *
 * @since 0.1.0
 * @category models
 */
export interface AnnotationResult {
  readonly _tag: "Annotation"
  readonly form: "annotation"
  readonly text: string
}

/**
 * The image of a post-processor.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageResult extends ImageFile {
  readonly _tag: "Image"
  readonly form: AlchemyForm
  /** The usual file extension of this media type, without a dot, such as `webp`. */
  readonly extension: string
}

/**
 * The result of a form without a published type (`palette`, `describe`, `aesthetic`: the server accepts any JSON for
 * them, and its documentation declares no type), of a form that this version does not know, or of another type than
 * expected.
 *
 * @since 0.1.0
 * @category models
 */
export interface JsonResult {
  readonly _tag: "Json"
  readonly form: AlchemyForm
  /** The JSON under the name of the form; all fields of the result if there is none, `undefined` without a result. */
  readonly value: unknown
}

/**
 * A form that failed on four workers.
 *
 * @since 0.1.0
 * @category models
 */
export interface FailedForm {
  readonly _tag: "Failed"
  readonly form: AlchemyForm
}

/**
 * The result of a form. If it is printed or converted to JSON, its contents are not shown.
 *
 * @since 0.1.0
 * @category models
 */
export type FormResult =
  | CaptionResult
  | InterrogationResult
  | NsfwResult
  | VectorizeResult
  | AnnotationResult
  | ImageResult
  | JsonResult
  | FailedForm

const shown = {
  toJSON(this: FormResult): unknown {
    return { _tag: this._tag, form: this.form }
  },
  [NodeInspectSymbol](this: FormResult): unknown {
    return { _tag: this._tag, form: this.form }
  }
}

/** A result that hides its contents when it is printed. */
const hidden = <A extends FormResult>(result: A): A => Object.assign(Object.create(shown), result)

/** The forms that return an image. */
const imageForms: ReadonlySet<AlchemyForm> = new Set(postProcessors)

/** The link or base64 of the image that a post-processor returned. */
const imageIn = (form: AlchemyForm, result: InterrogationFormResult): string | undefined => {
  const value = result[form]
  return imageForms.has(form) && typeof value === "string" ? value : undefined
}

/** The result of a form that returns no image. */
const dataIn = (form: string, result: InterrogationFormResult): FormResult => {
  const { annotation, caption, interrogation, nsfw, vectorize } = result
  if (form === "caption" && caption !== undefined) return { _tag: "Caption", form, text: caption }
  if (form === "interrogation" && interrogation !== undefined) {
    return { _tag: "Interrogation", form, details: interrogation }
  }
  if (form === "nsfw" && nsfw !== undefined) return { _tag: "Nsfw", form, isUnsafe: nsfw }
  if (form === "vectorize" && vectorize !== undefined) return { _tag: "Vectorize", form, text: vectorize }
  if (form === "annotation" && annotation !== undefined) return { _tag: "Annotation", form, text: annotation }
  return { _tag: "Json", form, value: Object.hasOwn(result, form) ? result[form] : result }
}

type Share = Subscription<unknown, unknown, unknown>["share"]

const open =
  (download: Download["Type"], share: Share) =>
  ({ form, result, state }: InterrogationFormStatus): Delivered<FormResult>["open"] => {
    if (state === "faulted") return Effect.succeed(hidden({ _tag: "Failed", form }))
    if (result === undefined) return Effect.succeed(hidden({ _tag: "Json", form, value: undefined }))
    const image = imageIn(form, result)
    if (image === undefined) return Effect.succeed(hidden(dataIn(form, result)))
    return Effect.map(share(image, download.image(image)), (file) =>
      hidden({ _tag: "Image", form, extension: extensions.get(file.mediaType) ?? "bin", ...file })
    )
  }

const isDelivered = ({ state }: InterrogationFormStatus): boolean => state === "done" || state === "faulted"

/** Each reply signs links anew. */
const withoutSignature = (_: string, value: unknown): unknown =>
  typeof value === "string" && /^https?:/i.test(value) ? value.split("?", 1)[0] : value

/**
 * The results of a reply, failed forms included. Replies list the forms in any order and without ids. A form that is
 * there twice is identified by its result, and equal results are counted.
 */
export const resultsIn =
  (id: GenerationRequestId, download: Download["Type"]) =>
  ({ forms }: InterrogationStatus, share: Share): ReadonlyArray<Delivered<FormResult>> => {
    const counts = new Map<string, number>()
    const names = forms.map(({ form }) => form)
    const openForm = open(download, share)
    return forms.filter(isDelivered).map((status) => {
      const { form, result, state } = status
      const isRepeated = names.indexOf(form) !== names.lastIndexOf(form)
      if (!isRepeated) return { id: form, open: openForm(status) }
      const hash = fingerprint(JSON.stringify([id, form, state, result], withoutSignature))
      const count = (counts.get(hash) ?? 0) + 1
      counts.set(hash, count)
      return { id: `${form} ${hash}-${count}`, open: openForm(status) }
    })
  }
