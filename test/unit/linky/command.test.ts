import assert from 'node:assert/strict';
import { planLinkyCommand, readStatusMessage, SyncJudge, type SyncProof, unheard } from '../../../src/linky/command';
import { maskMeters } from '../../../src/linky/mask';
import { masked } from '../../../src/runtime/linky';
import { EnergyError } from '../../../src/shared/errors';
import type { Verdict } from '../../../src/mqtt/exchange-types';
import type { LinkyStatus } from '../../../src/linky/types';
import { message, NOW, payloads, PDL } from './support';

const TOPIC = 'myelectricaldata/status';
const BASE = payloads['status'] as object;
const status = (parts: object = {}, retained = false) => message(TOPIC, { ...BASE, ...parts }, retained);
const baseline = (parts: object = {}): LinkyStatus => readStatusMessage(status(parts))!;
const LATER = '2025-02-04T09:00:07Z';

const proof = (verdict: Verdict): SyncProof => {
  assert.ok(verdict && 'stage' in verdict && verdict.stage === 'confirmed', JSON.stringify(verdict));
  return verdict.value as SyncProof;
};

describe('linky commands', () => {
  it('matrix 8: confirmed by a live status with a later last_sync', () => {
    const judge = new SyncJudge(baseline({ next_sync: '2025-02-04T10:12:09Z' }));
    assert.equal(judge.judge(status(), NOW), undefined, 'the same last_sync');
    assert.deepEqual(proof(judge.judge(status({ last_sync: LATER }), NOW)), {
      lastSync: LATER,
      mayBeScheduled: false,
      errors: [],
    });
  });

  it('matrix 8: instants are compared, not their spelling', () => {
    const judge = new SyncJudge(baseline());
    assert.equal(judge.judge(status({ last_sync: '2025-02-04T08:12:09+01:00' }), NOW), undefined);
    assert.equal(judge.judge(status({ last_sync: '2025-02-04T08:12:08+01:00' }), NOW), undefined, 'earlier');
    assert.ok(judge.judge(status({ last_sync: '2025-02-04T08:12:10+01:00' }), NOW));
  });

  it('matrix 8: a scheduled sync that coincides is told', () => {
    const judge = new SyncJudge(baseline({ next_sync: '2025-02-04T09:00:05Z' }));
    const verdict = judge.judge(status({ last_sync: LATER }), Date.parse('2025-02-04T09:00:08Z'));
    assert.equal(proof(verdict).mayBeScheduled, true);
    assert.ok(verdict && 'reply' in verdict && verdict.reply === 'confirmed (may be scheduled)');
  });

  it('matrix 8: a retained status cannot confirm, but serves as baseline where none is known', () => {
    const judge = new SyncJudge(null);
    assert.equal(judge.judge(status({ last_sync: LATER }, true), NOW), undefined);
    assert.equal(judge.judge(status({ last_sync: LATER }), NOW), undefined, 'the retained one again');
    assert.ok(judge.judge(status({ last_sync: '2025-02-04T09:00:09Z' }), NOW));
  });

  it('matrix 8: no status ever: the first live one counts', () => {
    assert.equal(proof(new SyncJudge(null).judge(status(), NOW)).lastSync, '2025-02-04T07:12:09Z');
    assert.equal(new SyncJudge(null).judge(status({ last_sync: null }), NOW), undefined);
  });

  it('matrix 8: the same last_sync with errors was tried and failed', () => {
    const errors = [`quota reached for ${PDL}`, { code: 429 }];
    const verdict = new SyncJudge(baseline()).judge(status({ errors }), NOW);
    assert.deepEqual(verdict, { refused: 'tried and failed: quota reached for 09…0123; {"code":429}' });
  });

  it('matrix 8: a later last_sync with errors is confirmed, with its complaints', () => {
    const verdict = new SyncJudge(baseline()).judge(status({ last_sync: LATER, errors: ['slow'] }), NOW);
    assert.deepEqual(proof(verdict).errors, ['slow']);
  });

  it('matrix 8: unreadable and foreign statuses prove nothing', () => {
    const judge = new SyncJudge(baseline());
    for (const payload of ['', 'online', 'None', '{', '[]', payloads['clientStatus'], { status: 'ok', last_sync: 5 }]) {
      assert.equal(judge.judge(message(TOPIC, payload), NOW), undefined);
    }
  });

  it('matrix 8: nobody subscribed is a refusal that names the topic', () => {
    const error = unheard('myelectricaldata/command/sync');
    assert.equal(error.code, 'REFUSED');
    assert.match(error.message, /nobody is subscribed to myelectricaldata\/command\/sync/);
  });

  it('sync is one empty publication, judged by the status topic alone', () => {
    const plan = planLinkyCommand('energy/linky', 'sync', null, () => NOW);
    assert.equal(plan.steps.length, 1);
    const step = plan.steps[0]!;
    assert.deepEqual(step.publications, [{ topic: 'energy/linky/command/sync', payload: '' }]);
    assert.equal(step.attainable, 'confirmed');
    assert.equal(step.judge!(message(TOPIC, BASE)), undefined, 'the status of another prefix');
    assert.ok(step.judge!(message('energy/linky/status', BASE)));
  });

  it('matrix 8: silence ends as a time-out that says "sent, not confirmed" and why', () => {
    const hint = (known: LinkyStatus | null): string =>
      planLinkyCommand('myelectricaldata', 'sync', known, () => NOW).steps[0]!.afterSent!.hint!;
    assert.match(hint(null), /^sent, not confirmed: .*never/);
    assert.match(hint(baseline()), /^sent, not confirmed: no newer last_sync/);
    assert.match(hint(readStatusMessage(message(TOPIC, 'online'))), /^sent, not confirmed: .*ignores commands/);
  });

  it('reload can only be sent', () => {
    const step = planLinkyCommand('myelectricaldata', 'reload', baseline(), () => NOW).steps[0]!;
    assert.deepEqual(step.publications, [{ topic: 'myelectricaldata/command/reload', payload: '' }]);
    assert.equal(step.attainable, 'sent');
    assert.ok(!('judge' in step));
    assert.deepEqual(step.afterSent, { then: 'sent' });
  });

  it('meter numbers are masked wherever they stand, other numbers are not', () => {
    assert.equal(maskMeters(`a/${PDL}/b ${PDL}`), 'a/09…0123/b 09…0123');
    assert.equal(maskMeters('1234567890123 123456789012345'), '1234567890123 123456789012345');
  });

  it('a refused subscription to the topics of one meter does not tell its number', () => {
    const cause = { details: [{ path: 'pdl', message: 'x' }] };
    const refused = new EnergyError('SUBSCRIPTION_REFUSED', `not allowed: linky/${PDL}/consumption/daily`, cause);
    const { code, message: text, cause: kept } = masked(refused);
    assert.deepEqual([code, text, kept], [refused.code, 'not allowed: linky/09…0123/consumption/daily', cause]);
  });
});
