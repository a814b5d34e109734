/** What an attempt runs in: the caller's own runtime, without tracing by the platform, and without redirects. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import * as Runtime from "effect/Runtime"

const always = (): boolean => true

/**
 * Set once for the attempt's fiber, which costs less than an effect that sets them and puts them back.
 *
 * - The platform's span would hold the key and the ids, and its headers make a browser's preflight fail.
 * - `fetch` takes the key along to wherever it is redirected, so it must not follow.
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
