/** Asset ids and attribute names. */
import { randomInt } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export const ASSET_ID = /^[0-9A-Za-z]{22}$/;
export const ATTRIBUTE_NAME = /^\w+$/;

export function uniqueId(): string {
  return Array.from({ length: 22 }, () => BASE62.charAt(randomInt(BASE62.length))).join('');
}
