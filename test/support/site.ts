/** A web site for the tests in a real browser: pages with one script each. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { build } from "esbuild"

/** Bundles a module for the browser, where it is `Page`. */
export const bundle = async (file: URL): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    format: "iife",
    globalName: "Page",
    platform: "browser",
    write: false,
    logLevel: "silent"
  })
  return outputFiles[0]?.text ?? ""
}

/** The HTML of every page of the site. */
export const html = `<!doctype html><title>page</title><link rel="icon" href="data:,"><script src="/page.js"></script>`

/** Serves the script, with a page around it at every other path. It is an origin of its own. */
export const serve = (script: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly close: () => void; readonly url: string }>((resume) => {
      const server = createServer((request, response) => {
        if (request.url === "/page.js") response.setHeader("content-type", "text/javascript; charset=utf-8").end(script)
        else response.setHeader("content-type", "text/html; charset=utf-8").end(html)
      }).listen(0, "127.0.0.1", () => {
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ url }) => url))
