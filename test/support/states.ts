/** Conditions on what a charger-status node tells. */
import { at, type Received } from './node-red';

export const isState =
  (state: string) =>
  (message: Received): boolean =>
    at(message, 'payload.state') === state;

export const isOnline = (message: Received): boolean => at(message, 'payload.online') === true;
