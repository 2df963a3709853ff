/** What dialogs show of the chargers in the workspace. */

/** The name of an `energy-charger` node; empty when none is chosen. */
export function chargerName(id: string | undefined): string {
  const charger = id ? RED.nodes.node(id) : null;
  const texts = [charger?.['name'], charger?.['baseTopic']];
  return texts.find((text): text is string => typeof text === 'string' && text !== '') ?? '';
}
