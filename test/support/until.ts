/** Waiting on events instead of sleeping. */

/** Resolves when `condition` holds, looked at after each turn of the event loop; fails after `ms` with `what`. */
export async function until(condition: () => boolean, what: string, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
