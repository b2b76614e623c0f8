import { SimulatedShop } from '@milonga/testing';
import type { ShopEvent, ShopSource } from './shop-rows.ts';

const DAYS = 300;

/** The shop of `@milonga/testing` as events: one in fifty purchases is returned, one in two thousand comes in malformed. */
export const simulatedSource = (): ShopSource & { readonly evaluateFrom: number } => {
  const startAt = Date.UTC(2025, 0, 1);
  const shop = new SimulatedShop({ seed: 7, days: DAYS, startAt });
  return {
    label: 'the simulated shop (seed 7)',
    totalEvents: shop.expectedPurchases,
    evaluateFrom: startAt + 200 * 86_400_000,
    async *events(): AsyncGenerator<ShopEvent> {
      let count = 0;
      for (const { at, invoice, customer, items, optimal } of shop.visits()) {
        for (const item of items) {
          count += 1;
          const payload = {
            customerId: customer,
            stockCode: item,
            invoice,
            quantity: 1,
            unitPrice: 1 + (count % 50) / 10,
            country: 'Nowhere',
          };
          yield {
            at,
            optimal,
            purchase: { invoice, customer, item },
            event: { type: 'purchase', id: `row-${count}`, eventAt: at, payload },
          };
          if (count % 50 === 0) yield { at, event: { type: 'return', id: `return-${count}`, eventAt: at, payload } };
          if (count % 2_000 === 0) {
            yield {
              at,
              event: {
                type: 'purchase',
                id: `malformed-${count}`,
                eventAt: at,
                payload: { ...payload, quantity: 'two' },
              },
            };
          }
        }
      }
    },
  };
};
