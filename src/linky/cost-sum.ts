/** Sum of the costs of several days. Exact, so that a day taken out leaves nothing behind. */
import type { ExactCost } from './buckets';
import { toKwh } from './energy';
import { type Amount, sumOf, toEuros } from './money';
import type { Bucket } from './tariff';

export class CostSum {
  private readonly energy = new Map<Bucket, number>();
  private readonly amount = new Map<Bucket, Amount>();
  private unpricedEnergy = 0;
  private incompleteDays = 0;
  private dayCount = 0;

  get days(): number {
    return this.dayCount;
  }

  /** Every day added is complete. */
  get complete(): boolean {
    return this.incompleteDays === 0;
  }

  /** kWh */
  get unpriced(): number {
    return toKwh(this.unpricedEnergy);
  }

  add(cost: ExactCost): this {
    for (const [bucket, amount] of cost.amount) this.book(bucket, cost.energy.get(bucket) ?? 0, amount);
    this.unpricedEnergy += cost.unpriced;
    this.dayCount += 1;
    if (!cost.complete) this.incompleteDays += 1;
    return this;
  }

  remove(cost: ExactCost): this {
    for (const [bucket, amount] of cost.amount) this.book(bucket, -(cost.energy.get(bucket) ?? 0), amount.neg());
    this.unpricedEnergy -= cost.unpriced;
    this.dayCount -= 1;
    if (!cost.complete) this.incompleteDays -= 1;
    return this;
  }

  merge(other: CostSum): this {
    for (const [bucket, amount] of other.amount) this.book(bucket, other.energy.get(bucket) ?? 0, amount);
    this.unpricedEnergy += other.unpricedEnergy;
    this.dayCount += other.dayCount;
    this.incompleteDays += other.incompleteDays;
    return this;
  }

  /** kWh by bucket. */
  energies(): Partial<Record<Bucket, number>> {
    return Object.fromEntries([...this.energy].map(([bucket, energy]) => [bucket, toKwh(energy)]));
  }

  /** Amount by bucket. */
  costs(): Partial<Record<Bucket, number>> {
    return Object.fromEntries([...this.amount].map(([bucket, amount]) => [bucket, toEuros(amount)]));
  }

  /** kWh, priced or not. */
  totalEnergy(): number {
    return toKwh([...this.energy.values()].reduce((sum, energy) => sum + energy, this.unpricedEnergy));
  }

  /** Amount over all buckets plus exact extra ones; null when nothing could be priced. */
  total(...extra: Amount[]): number | null {
    return this.amount.size === 0 ? null : toEuros(sumOf([...this.amount.values(), ...extra]));
  }

  private book(bucket: Bucket, energy: number, amount: Amount): void {
    const sum = (this.energy.get(bucket) ?? 0) + energy;
    const amounts = this.amount.get(bucket)?.add(amount) ?? amount;
    // A bucket that no day uses any more goes, e.g. when a colour was corrected.
    if (sum === 0 && amounts.equals(0) && energy < 0) {
      this.energy.delete(bucket);
      this.amount.delete(bucket);
      return;
    }
    this.energy.set(bucket, sum);
    this.amount.set(bucket, amounts);
  }
}
