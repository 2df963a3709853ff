export * from '../shared/commands';
