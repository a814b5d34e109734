/** The runtime of an attempt: the caller's, without the platform's tracing and without redirects. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import * as Runtime from "effect/Runtime"

const always = (): boolean => true

/**
 * The values are set when the attempt's fiber starts. Setting and restoring them by effects would cost more.
 *
 * - The platform's span would hold the key and the ids, and its headers make a browser's preflight fail.
 * - `fetch` sends the key to the target of a redirect, so it must not follow redirects.
 */
export const attemptRuntime = ({
  context,
  fiberRefs,
  runtimeFlags
}: Runtime.Runtime<never>): Runtime.Runtime<never> => {
  const fiberId = FiberId.none
  const init = Context.getOrElse(context, FetchHttpClient.RequestInit, () => ({}))
  const untraced = FiberRefs.updateAs(fiberRefs, {
    fiberId,
    fiberRef: HttpClient.currentTracerDisabledWhen,
    value: always
  })
  return Runtime.make({
    context: Context.add(context, FetchHttpClient.RequestInit, { ...init, redirect: "manual" }),
    fiberRefs: FiberRefs.updateAs(untraced, { fiberId, fiberRef: HttpClient.currentTracerPropagation, value: false }),
    runtimeFlags
  })
}
