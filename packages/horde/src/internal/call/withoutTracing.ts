/** A client that leaves no span of the platform's, and sends no trace headers. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"

/** The platform's span would hold the key, the ids and the links; its headers make a browser's preflight fail. */
export const withoutTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  client.pipe(
    HttpClient.transform(Effect.locally(HttpClient.currentTracerDisabledWhen, () => true)),
    HttpClient.withTracerPropagation(false)
  )
