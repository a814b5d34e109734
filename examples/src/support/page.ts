/** The page of the drawing server. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Drawing server</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
  form { display: flex; gap: .5rem }
  input { flex: 1; font: inherit; padding: .5rem .7rem; border: 1px solid #aaa; border-radius: .4rem }
  button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: .4rem; background: #234; color: #fff }
  #note { min-height: 1.5em; color: #567 }
  img { width: 100%; border-radius: .6rem }
</style>
<h1>What shall be drawn?</h1>
<form><input name="prompt" value="a lighthouse at dusk" required maxlength="500"><button>Draw</button></form>
<p id="note"></p>
<div id="pictures"></div>
<p>Close this tab while it is being drawn, and the job is cancelled.</p>
<script>
  const note = document.getElementById("note")
  let events
  document.querySelector("form").addEventListener("submit", (submit) => {
    submit.preventDefault()
    events?.close()
    const wish = new URLSearchParams(new FormData(submit.target))
    events = new EventSource("/draw?" + wish)
    events.onmessage = ({ data }) => {
      const event = JSON.parse(data)
      if (event.kind === "note" || event.kind === "failed") note.textContent = event.text
      if (event.kind === "end") events.close()
      if (event.kind === "picture") {
        note.textContent = "there it is"
        const img = new Image()
        img.src = event.source
        document.getElementById("pictures").prepend(img)
      }
    }
  })
</script>
</html>`
