/** Does what an operation topic asks for. */
import type { Caller } from '../authorisation/permissions';
import { createAsset, deleteAsset, getAsset, updateAsset } from './asset-operations';
import {
  type Accepted,
  readAttribute,
  readAttributes,
  updateAttribute,
  updateAttributes,
} from './attribute-operations';
import type { Manager } from './context';
import type { Request } from './request';

export function perform(manager: Manager, caller: Caller, request: Request, payload: string): Accepted {
  const { id, attribute } = request;
  switch (request.operation) {
    case 'asset.create':
      return { reply: createAsset(manager, caller, payload) };
    case 'asset.get':
      return { reply: getAsset(manager, caller, id) };
    case 'asset.update':
      return { reply: updateAsset(manager, caller, id, payload) };
    case 'asset.delete':
      return { reply: deleteAsset(manager, id) };
    case 'attribute.update':
      return updateAttribute(manager, id, attribute, payload);
    case 'attributes.update':
      return updateAttributes(manager, caller, id, payload);
    case 'attribute.get':
      return { reply: readAttribute(manager, caller, id, attribute, false) };
    case 'attribute.getValue':
      return { reply: readAttribute(manager, caller, id, attribute, true) };
    case 'attributes.get':
      return { reply: readAttributes(manager, caller, id) };
  }
}
