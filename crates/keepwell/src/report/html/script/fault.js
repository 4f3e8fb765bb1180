// @ts-check
// A fault of ours is shown on the page, under an id that tests look for.

/** @param {unknown} fault */
function reportFault(fault) {
  if (document.getElementById("script-error") !== null) return;
  const text = fault instanceof Error ? `${fault.message}\n${fault.stack ?? ""}` : String(fault);
  document.body.prepend(el("pre", { id: "script-error", role: "alert" }, text));
}

addEventListener("error", (event) => reportFault(event.error ?? event.message));
