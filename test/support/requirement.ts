/**
 * Skips a test or a suite where something that it needs is not installed, with a visible line; in CI it is mandatory.
 * @param context of the test or of the `before` hook that calls it first
 */
export function requireInstalled(context: Mocha.Context, isThere: boolean, what: string): void {
  if (isThere) return;
  if (process.env['CI']) throw new Error(`${what} is missing, and mandatory in CI`);
  process.stdout.write(`    SKIPPED: ${what} is not installed\n`);
  context.skip(); // A developer's machine need not have it; CI does.
}
