import { FrequentBaseline, PopularBaseline, type PurchaseRow } from './baselines.ts';
import { MeanQuality, qualityOf, type SlateQuality } from './metrics.ts';

/** The slates of one request, kept until its invoice is complete. */
interface Asked {
  readonly relevant: Set<string>;
  readonly milonga: readonly string[];
  readonly popular: readonly string[];
  readonly frequent: readonly string[];
  readonly optimal: readonly string[] | undefined;
}

/** Means of all that were compared. */
export interface EvaluationResult {
  readonly requests: number;
  readonly milonga: SlateQuality;
  readonly popular: SlateQuality;
  readonly frequent: SlateQuality;
  readonly attainable?: SlateQuality;
}

/**
 * Prequential evaluation: each invoice of a returning customer is predicted before its first row is known, then compared
 * with all its rows. The baselines are asked at the same moments, with the same knowledge.
 */
export class Evaluation {
  readonly #popular = new PopularBaseline();
  readonly #frequent = new FrequentBaseline();
  readonly #asked = new Map<string, Asked>();

  /** True when the customer has bought before: only then does an invoice count. */
  isReturning(customer: string): boolean {
    return this.#frequent.has(customer);
  }

  /** Holds a slate against what the invoice turns out to be. */
  ask(invoice: string, customer: string, at: number, milonga: readonly string[], optimal?: readonly string[]): void {
    const ranking = this.#popular.ranking(at);
    this.#asked.set(invoice, {
      relevant: new Set(),
      milonga,
      popular: ranking.slice(0, 20),
      frequent: this.#frequent.slate(customer, ranking),
      optimal,
    });
  }

  /** A purchase became known. */
  add(row: PurchaseRow): void {
    this.#asked.get(row.invoice)?.relevant.add(row.item);
    this.#popular.add(row);
    this.#frequent.add(row);
  }

  get result(): EvaluationResult {
    const means = {
      milonga: new MeanQuality(),
      popular: new MeanQuality(),
      frequent: new MeanQuality(),
      optimal: new MeanQuality(),
    };
    for (const { relevant, ...slates } of this.#asked.values()) {
      if (relevant.size === 0) continue;
      for (const [name, mean] of Object.entries(means)) {
        const slate = slates[name as keyof typeof means];
        if (slate !== undefined) mean.add(qualityOf(slate, relevant));
      }
    }
    return {
      requests: means.milonga.requests,
      milonga: means.milonga.mean,
      popular: means.popular.mean,
      frequent: means.frequent.mean,
      ...(means.optimal.requests === 0 ? {} : { attainable: means.optimal.mean }),
    };
  }
}
