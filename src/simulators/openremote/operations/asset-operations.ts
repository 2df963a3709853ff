/** create, get, update and delete of whole assets. */
import type { Caller } from '../authorisation/permissions';
import { withGatewayAttributes } from '../gateway/gateway-asset';
import { assetToJson, createdAssetToJson } from '../model/asset';
import { type AssetDraft, type AssetStore, StorageError } from '../model/asset-store';
import { knownType } from '../model/asset-types';
import { assetEvent } from '../model/events';
import { uniqueId } from '../model/ids';
import {
  type AssetTemplate,
  checkId,
  checkName,
  parseTemplate,
  readAttributes,
  type Violations,
} from '../model/template';
import { failure, NO_ANSWER, reply, type Reply } from './answers';
import { type Manager, readable } from './context';

const INVALID_TEMPLATE = failure('BAD_REQUEST', 'Invalid asset template');

function badParent(verb: 'created' | 'updated'): Reply {
  return failure('BAD_REQUEST', `Bad request, the asset cannot be ${verb} with the provided parent ID`);
}

function notValid(violations: Violations): Reply {
  return failure('BAD_REQUEST', `Asset validation failed: ${[...violations, ': Asset is not valid'].join(', ')}`);
}

/** The topic's realm is filled in only if the request has no id. */
function draftOf(template: AssetTemplate, caller: Caller, now: number, violations: Violations): AssetDraft {
  const { id, name, type } = template;
  checkName(name, violations);
  if (id !== undefined) checkId(id, violations);
  const draft = {
    id: id ?? uniqueId(),
    name: name ?? '',
    realm: id === undefined ? caller.realm : (template.realm ?? ''),
    type: knownType(type),
    parentId: template.parentId ?? caller.gateway?.id,
    accessPublicRead: template.accessPublicRead ?? false,
    attributes: readAttributes(template, knownType(type), now, violations),
  };
  return withGatewayAttributes(draft, now);
}

export function createAsset({ store, permissions, clock }: Manager, caller: Caller, payload: string): Reply {
  const template = parseTemplate(payload.replaceAll('%UNIQUE_ID%', uniqueId()));
  if (!template) return INVALID_TEMPLATE;
  if (template.id !== undefined && permissions.assetOf(caller, template.id)) {
    return failure('CONFLICT', 'Asset ID already exists');
  }
  const violations: Violations = [];
  const draft = draftOf(template, caller, clock.now(), violations);
  if (draft.parentId !== undefined && !permissions.mayHaveParent(caller, draft.parentId)) return badParent('created');
  if (violations.length > 0) return notValid(violations);
  // Without a realm, or with another than the topic's, it cannot be stored.
  if (draft.realm !== caller.realm) return failure('INTERNAL_SERVER_ERROR', 'Failed to process asset');
  return stored(() => reply(assetEvent('CREATE', createdAssetToJson(store.create(draft)))));
}

export function getAsset(manager: Manager, caller: Caller, id: string): Reply {
  const asset = readable(manager, caller, id);
  return asset ? reply(assetToJson(asset)) : failure('NOT_FOUND', 'Asset not found');
}

/** Replaces name, parent and all attributes; without `parentId` the asset moves to the root, whoever asks. */
export function updateAsset(
  { store, permissions, clock }: Manager,
  caller: Caller,
  id: string,
  payload: string,
): Reply {
  const template = parseTemplate(payload);
  if (!template) return INVALID_TEMPLATE;
  const old = store.get(id);
  const { name, parentId } = template;
  // The real handler throws on both.
  if (!old || name === undefined) return NO_ANSWER;
  const moved = parentId !== undefined && parentId !== old.parentId;
  if (moved && !permissions.mayHaveParent(caller, parentId)) return badParent('updated');
  const violations: Violations = [];
  checkName(name, violations);
  const attributes = readAttributes(template, old.type, clock.now(), violations);
  if (violations.length > 0) return notValid(violations);
  // The echo has neither the new version nor the new path: it is made before the database answers.
  const echo = assetToJson({ ...old, name, parentId, attributes });
  return stored(() => {
    store.update(id, { name, parentId, attributes });
    return reply(assetEvent('UPDATE', echo));
  });
}

export function deleteAsset({ store }: { readonly store: AssetStore }, id: string): Reply {
  const asset = store.get(id);
  if (!asset) return failure('NOT_FOUND', 'Asset not found');
  store.delete(id);
  return reply(assetEvent('DELETE', assetToJson(asset)));
}

function stored(act: () => Reply): Reply {
  try {
    return act();
  } catch (error) {
    if (error instanceof StorageError) return failure('INTERNAL_SERVER_ERROR', 'Failed to process asset');
    throw error;
  }
}
