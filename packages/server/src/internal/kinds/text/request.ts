/**
 * Reads a text request from its validated body. The defaults are those that the real server applies. Like there, the
 * field `softprompt` is accepted and lost.
 */
import type { TextBody, TextRequest } from "../../state/textRequest.js"

/** Empty text is false in Python, and counts as absent. */
const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text)

export const fromBody = (body: TextBody, prompt: string): TextRequest => {
  const params = body.params ?? {}
  return {
    prompt,
    n: params.n ?? 1,
    maxLength: params.max_length ?? 80,
    maxContextLength: params.max_context_length ?? 2048,
    stopSequences: params.stop_sequence ?? [],
    models: body.models ?? [],
    trustedWorkers: body.trusted_workers ?? false,
    validatedBackends: body.validated_backends ?? false,
    workers: body.workers ?? [],
    workerBlacklist: body.worker_blacklist ?? false,
    slowWorkers: body.slow_workers ?? true,
    extraSlowWorkers: body.extra_slow_workers ?? false,
    disableBatching: body.disable_batching ?? false,
    allowDowngrade: body.allow_downgrade ?? false,
    dryRun: body.dry_run ?? false,
    extraSourceImages: body.extra_source_images?.length ?? 0,
    proxiedAccount: nonEmpty(body.proxied_account),
    webhook: body.webhook,
    style: body.style,
    params,
    body
  }
}
