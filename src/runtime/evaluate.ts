/** Typed inputs: what a property of the editor means for one message. */
import type { Node, NodeAPI } from 'node-red';
import { EnergyError } from '../shared/errors';
import type { FlowMessage } from './node';

/**
 * Resolves a typed input. Always by callback: context stores and JSONata may be asynchronous.
 * @throws EnergyError INVALID when it cannot be evaluated.
 */
export function evaluate(
  RED: NodeAPI,
  node: Node,
  value: string,
  type: string,
  message: FlowMessage,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (reason: unknown): void =>
      reject(
        new EnergyError('INVALID', `The value cannot be evaluated: ${String(reason)}`, {
          details: [{ path: 'value', message: String(reason) }],
        }),
      );
    try {
      RED.util.evaluateNodeProperty(value, type, node, message, (error, result: unknown) => {
        if (error) fail(error);
        else resolve(result);
      });
    } catch (thrown) {
      fail(thrown);
    }
  });
}
