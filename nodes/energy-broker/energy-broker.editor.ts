import { showDefaults } from '../../src/editor/defaults';
import { configInput, optionalNumber, optionalTopic, requiredNumber, texts, valueOf } from '../../src/editor/form';

type Moment = 'birth' | 'close' | 'will';

type Properties = Record<
  'name' | 'broker' | 'port' | 'tls' | 'protocolVersion' | 'clientid' | 'keepalive' | 'sessionExpiry',
  string
> &
  Record<'usetls' | 'cleansession', boolean> &
  Record<`${Moment}${'Topic' | 'Payload' | 'Qos'}`, string> &
  Record<`${Moment}Retain`, boolean>;

const _ = texts('energy-broker');

/** Hides what means nothing in the present state of the other fields. */
function showWhatApplies(): void {
  const servers = valueOf(configInput('broker')).split(',');
  const tls = configInput('usetls').is(':checked') || servers.some((server) => /^\s*(mqtts|wss|ssl|tls):/.test(server));
  $('#energy-broker-tls').toggle(tls);
  $('#energy-broker-port').toggle(servers.some((server) => !server.includes('://')));
  $('#energy-broker-expiry').toggle(valueOf(configInput('protocolVersion')) !== '4');
  const named = valueOf(configInput('clientid')) !== '';
  configInput('cleansession').prop('disabled', !named);
  if (!named) configInput('cleansession').prop('checked', true);
}

RED.nodes.registerType<Properties, { user: string; password: string }>('energy-broker', {
  category: 'config',
  color: '#D8BFD8',
  icon: 'energy-broker.svg',
  defaults: {
    name: { value: '' },
    broker: { value: 'localhost', required: true, label: _('label.broker') },
    port: { value: '1883', label: _('label.port'), validate: requiredNumber(1, 'validate.port') },
    usetls: { value: false },
    tls: { value: '', type: 'tls-config', required: false, label: _('label.tls') },
    protocolVersion: { value: 'auto' },
    clientid: { value: '' },
    keepalive: { value: '30', label: _('label.keepalive'), validate: requiredNumber(0, 'validate.seconds') },
    cleansession: { value: true },
    sessionExpiry: { value: '', label: _('label.sessionExpiry'), validate: optionalNumber(0, 'validate.seconds') },
    birthTopic: { value: '', label: _('label.birth'), validate: optionalTopic('validate.topic') },
    birthPayload: { value: '' },
    birthQos: { value: '0' },
    birthRetain: { value: false },
    closeTopic: { value: '', label: _('label.close'), validate: optionalTopic('validate.topic') },
    closePayload: { value: '' },
    closeQos: { value: '0' },
    closeRetain: { value: false },
    willTopic: { value: '', label: _('label.will'), validate: optionalTopic('validate.topic') },
    willPayload: { value: '' },
    willQos: { value: '0' },
    willRetain: { value: false },
  },
  credentials: { user: { type: 'text' }, password: { type: 'password' } },
  label() {
    const at = this.broker.includes('://') || this.broker.includes(',') ? '' : `:${this.port}`;
    return this.name || `${this.broker || 'localhost'}${at}`;
  },
  oneditprepare() {
    showDefaults(this, configInput);
    const panes = $('#energy-broker-panes').children();
    const tabs = RED.tabs.create({
      id: 'energy-broker-tabs',
      onchange: ({ id }) => {
        panes.hide();
        $(`#${id}`).show();
      },
    });
    tabs.addTab({ id: 'energy-broker-connection', label: this._('tab.connection') });
    tabs.addTab({ id: 'energy-broker-security', label: this._('tab.security') });
    tabs.addTab({ id: 'energy-broker-messages', label: this._('tab.messages') });
    for (const property of ['broker', 'usetls', 'protocolVersion', 'clientid']) {
      configInput(property).on('change input', showWhatApplies);
    }
    showWhatApplies();
  },
});
