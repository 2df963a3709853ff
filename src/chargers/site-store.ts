/** The houses that evcc tells of: one state per root and connection, shared by all nodes that use it. */
import type { Connection } from '../mqtt/connection';
import type { Message } from '../mqtt/types';
import {
  createSite,
  decodeSite,
  isQuietSiteKey,
  isSiteMeasurement,
  projectSite,
  siteDeadline,
  siteDisconnected,
  siteFaults,
  siteFilters,
  siteRoot,
  type SiteNative,
  type SiteStatus,
} from './evcc/site';
import { LiveState } from './live-state';

export class Site extends LiveState<SiteStatus> {
  private readonly native: SiteNative;

  /** @param root evcc's, as `siteRoot` returns it. */
  constructor(root: string, connection: Connection) {
    super(connection);
    this.native = createSite(root);
  }

  get root(): string {
    return this.native.root;
  }

  /** ms, arrival of the last live message; null = none yet. */
  get lastLive(): number | null {
    return this.native.lastLive;
  }

  protected filters(): readonly string[] {
    return siteFilters(this.root);
  }

  protected decode(message: Message, now: number): readonly string[] {
    return decodeSite(this.native, message, now);
  }

  protected isQuiet(key: string): boolean {
    return isQuietSiteKey(key);
  }

  protected project(now: number): SiteStatus {
    return projectSite(this.native, now);
  }

  protected isMeasurement(path: string): boolean {
    return isSiteMeasurement(path);
  }

  protected deadline(now: number): number | null {
    return siteDeadline(this.native, now);
  }

  protected disconnected(): void {
    siteDisconnected(this.native);
  }

  protected faults(): ReadonlyMap<string, string> {
    return siteFaults(this.native);
  }
}

const sites = new WeakMap<Connection, Map<string, Site>>();

/**
 * The site at evcc's root topic, as the user typed it.
 * @throws EnergyError INVALID
 */
export function siteOf(connection: Connection, typed: string): Site {
  const root = siteRoot(typed);
  const known = sites.get(connection) ?? new Map<string, Site>();
  sites.set(connection, known);
  const site = known.get(root) ?? new Site(root, connection);
  known.set(root, site);
  return site;
}
