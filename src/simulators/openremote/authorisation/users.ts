/** Service users, and who a connection is. */
import { clientIdOf } from '../gateway/gateway-asset';
import type { GatewayRegistry } from '../gateway/registry';
import type { Credentials } from '../broker/types';

/** `admin` counts in realm `master` only, and makes a super user. */
export type Role = 'read:assets' | 'write:assets' | 'write:attributes' | 'admin';

export const ALL_ROLES: readonly Role[] = ['read:assets', 'write:assets', 'write:attributes'];

export interface Principal {
  readonly realm: string;
  readonly roles: ReadonlySet<Role>;
  /** Sees and writes only what it is linked to. */
  readonly restricted: boolean;
  /** Ids of the assets a restricted user is linked to. */
  readonly links: ReadonlySet<string>;
}

/** Connected without password: accepted, but everything is refused. */
export type Identity = Principal | 'anonymous';

interface User extends Principal {
  readonly secret: string;
  readonly links: Set<string>;
}

export function isSuperUser({ realm, roles }: Principal): boolean {
  return realm === 'master' && roles.has('admin');
}

export function hasRole(principal: Principal, role: Role): boolean {
  return isSuperUser(principal) || principal.roles.has(role);
}

export class UserDirectory {
  /** By `{realm}:{name}`. */
  private readonly users = new Map<string, User>();

  constructor(private readonly registry: GatewayRegistry) {}

  add(realm: string, name: string, secret: string, roles: readonly Role[], restricted: boolean): void {
    this.users.set(`${realm}:${name}`, { realm, secret, roles: new Set(roles), restricted, links: new Set() });
  }

  /** false: no such user. */
  link(realm: string, name: string, assetId: string): boolean {
    return this.users.get(`${realm}:${name}`)?.links.add(assetId) !== undefined;
  }

  /** The user name has to have exactly one colon. undefined: bad credentials. */
  authenticate({ username, password }: Credentials): Identity | undefined {
    if (username === undefined || password === undefined) return 'anonymous';
    const [realm, name, ...more] = username.split(':');
    if (!realm || !name || more.length > 0) return undefined;
    const user = this.users.get(username) ?? this.gatewayUser(realm, name);
    return user?.secret === password ? user : undefined;
  }

  /** Each gateway asset is a service user of its own, with the composite role for writing. */
  private gatewayUser(realm: string, name: string): User | undefined {
    const gateway = this.registry.ofClient(name);
    const secret = gateway?.attributes.get('clientSecret')?.value;
    if (gateway?.realm !== realm || clientIdOf(gateway.id) !== name || typeof secret !== 'string') return undefined;
    return { realm, secret, roles: new Set(ALL_ROLES), restricted: false, links: new Set() };
  }
}
