/** The page of the drawing server. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Drawing server</title>
<link rel="icon" href="data:,">
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
  form { display: flex; gap: .5rem }
  input { flex: 1; font: inherit; padding: .5rem .7rem; border: 1px solid #aaa; border-radius: .4rem }
  button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: .4rem; background: #234; color: #fff }
  .hint, figcaption { font-size: .875rem; color: #567 }
  #note { min-height: 1.5em }
  figure { margin: 0 0 1.5rem }
  img { display: block; width: 100%; border-radius: .6rem; margin-bottom: .4rem }
</style>
<h1>Draw a picture</h1>
<form><input name="prompt" aria-label="Prompt" value="a lighthouse at dusk" required maxlength="500"><button>Draw</button></form>
<p class="hint">Closing this tab while the picture is being drawn cancels the job.</p>
<p id="note" role="status"></p>
<div id="pictures"></div>
<script>
  const note = document.getElementById("note")
  let events
  document.querySelector("form").addEventListener("submit", (submit) => {
    submit.preventDefault()
    events?.close()
    const request = new URLSearchParams(new FormData(submit.target))
    note.textContent = "asking the horde"
    events = new EventSource("/draw?" + request)
    // without this it would reconnect, and the picture would be drawn twice
    events.onerror = () => {
      events.close()
      note.textContent = "the connection broke"
    }
    events.onmessage = ({ data }) => {
      const event = JSON.parse(data)
      if (event.kind === "note" || event.kind === "failed") note.textContent = event.text
      if (event.kind === "end") events.close()
      if (event.kind === "picture") {
        note.textContent = "there it is"
        const img = new Image()
        img.src = event.source
        img.alt = ""
        const caption = document.createElement("figcaption")
        caption.textContent = request.get("prompt")
        const figure = document.createElement("figure")
        figure.append(img, caption)
        document.getElementById("pictures").prepend(figure)
      }
    }
  })
</script>
</html>`
