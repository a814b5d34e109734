/** A client without the platform's spans and trace headers. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"

/** The platform's span would contain the key, ids and links, and its headers make a browser's preflight fail. */
export const withoutTracing = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  client.pipe(
    HttpClient.transform(Effect.locally(HttpClient.currentTracerDisabledWhen, () => true)),
    HttpClient.withTracerPropagation(false)
  )
