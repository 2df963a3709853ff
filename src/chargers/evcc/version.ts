/** evcc's releases: `0.313.2`. Nightly builds add a commit in brackets, own builds say `0.0.0`: neither can be placed. */

const RELEASE = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})$/;

function parse(version: string | null): readonly number[] | null {
  const numbers = RELEASE.exec(version ?? '')
    ?.slice(1)
    .map(Number);
  return numbers?.some((number) => number > 0) ? numbers : null;
}

/** Whether a version is older than a release; null = cannot be told. */
export function olderThan(version: string | null, release: string): boolean | null {
  const [ours, theirs] = [parse(version), parse(release)];
  if (ours === null || theirs === null) return null;
  const at = ours.findIndex((number, i) => number !== theirs[i]);
  return at >= 0 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}
