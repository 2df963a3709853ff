/** What a demo starts with: one service user, one building, one gateway with a charger below it, and what flows report to. */
import type { AssetTemplate } from './model/template';

const BUILDING = 'DemoBuilding0000000000';
const GATEWAY = 'DemoGateway00000000000';
const CHARGER = 'DemoCharger00000000000';

/** Fixed ids and secrets, so that flows and documentation can name them. */
export const DEMO = {
  realm: 'master',
  user: 'demo',
  secret: 'demo-secret',
  buildingId: BUILDING,
  gatewayId: GATEWAY,
  gatewayClientId: `gateway-${GATEWAY.toLowerCase()}`,
  gatewaySecret: '6f1b9a52-3c0d-4e8f-9a77-2d5c8e4b1f03',
  chargerId: CHARGER,
} as const;

export const DEMO_ASSETS: readonly AssetTemplate[] = [
  { id: BUILDING, name: 'Home', type: 'BuildingAsset', attributes: { area: { value: 140 }, city: { value: 'Lyon' } } },
  {
    id: GATEWAY,
    name: 'Energy gateway',
    type: 'GatewayV2Asset',
    attributes: { clientSecret: { value: DEMO.gatewaySecret } },
  },
  {
    id: CHARGER,
    name: 'Charger',
    type: 'ThingAsset',
    parentId: GATEWAY,
    attributes: {
      power: { type: 'number', value: 0 },
      maxCurrent: { type: 'integer', value: 16 },
      enabled: { type: 'boolean', value: true },
      status: { type: 'text' },
      schedule: { type: 'JSONObject' },
    },
  },
  {
    id: 'DemoGarage000000000000',
    name: 'Garage',
    type: 'ThingAsset',
    attributes: {
      online: { type: 'boolean' },
      state: { type: 'text' },
      power: { type: 'number' },
      current: { type: 'number' },
      sessionEnergy: { type: 'number' },
      energyTotal: { type: 'number' },
    },
  },
  {
    id: 'DemoMeter0000000000000',
    name: 'Linky',
    type: 'ThingAsset',
    // Readings are a day old: a value older than the attribute's own time would not become its value.
    attributes: { energy: { type: 'number', timestamp: 1 }, power: { type: 'number', timestamp: 1 } },
  },
  {
    id: 'DemoNodeRed00000000000',
    name: 'Node-RED',
    type: 'ThingAsset',
    attributes: { online: { type: 'boolean' } },
  },
];
