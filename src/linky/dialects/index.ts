/** Which dialect reads which topic. */
import type { Payload } from '../payload';
import type { Route } from '../topics';
import { isBatch, isClientStatus, readClientStatus, readCurveBatch, readDailyBatch, readStats } from './client';
import { readAttributes, readState, readStatusWord } from './home-assistant';
import { readImporter } from './importer';
import { type Reading, reading, type Unreadable } from './reading';
import { readCurve, readStatus, readValue } from './standard';

/** Reads one payload in the dialect that its topic and its keys tell. Never throws. */
export function readDialect(route: Route, payload: Payload): Reading | Unreadable {
  switch (route.kind) {
    case 'value':
      return isBatch(payload)
        ? readDailyBatch(route.pdl, route.dataset, payload.body)
        : readValue(route.pdl, route.dataset, payload);
    case 'curve':
      return isBatch(payload)
        ? readCurveBatch(route.pdl, route.dataset, payload.body)
        : readCurve(route.pdl, route.dataset, payload);
    case 'stats':
      return readStats(route.pdl, route.direction, payload);
    case 'ha-state':
      return readState(route.pdl, route.direction, payload);
    case 'ha-attributes':
      return readAttributes(route.pdl, route.direction, payload);
    case 'importer':
      return readImporter(route.pdl, route.dataset, route.levels, payload);
    case 'status':
      return readAnyStatus(payload);
  }
}

function readAnyStatus(payload: Payload): Reading | Unreadable {
  switch (payload.kind) {
    case 'word':
      return readStatusWord(payload.word);
    case 'object': {
      if (isClientStatus(payload.body)) return readClientStatus(payload.body);
      const status = readStatus(payload.body);
      return status ? reading('standard', { status }) : { fault: '"status" is missing or no text' };
    }
    case 'number':
      return { fault: 'a number is no status' };
    case 'unreadable':
      return { fault: payload.reason };
  }
}
