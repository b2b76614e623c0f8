import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { IncomingEvent } from '@milonga/core';
import { parse } from 'csv-parse';

/** One event of the shop, as the replay hands it in, and what the evaluation needs of it. */
export interface ShopEvent {
  readonly at: number;
  readonly event: IncomingEvent;
  /** Absent for returns and malformed rows. */
  readonly purchase?: { readonly invoice: string; readonly customer: string; readonly item: string };
  /** The best possible slate for the invoice, where it is known. */
  readonly optimal?: readonly string[];
}

/** Where events come from: a file or the simulated shop. */
export interface ShopSource {
  readonly label: string;
  /** For the progress bar; an estimate is enough. */
  readonly totalEvents: number;
  /** In order of time. */
  events(): AsyncIterable<ShopEvent>;
}

const ROWS_OF_THE_FILE = 800_655;

/** Online Retail II as a stream of events: `timestamp,invoice,customer_id,stock_code,quantity,unit_price,country,description`. */
export const onlineRetailFile = (path: string): ShopSource => ({
  label: path,
  totalEvents: ROWS_OF_THE_FILE,
  async *events() {
    const file = createReadStream(path);
    const text = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
    const parser = text.pipe(parse({ from_line: 2, relax_column_count: true, relax_quotes: true }));
    for (const stream of [file, text]) stream.once('error', (error: Error) => parser.destroy(error));
    let line = 1;
    let lastAt = 0;
    for await (const fields of parser as AsyncIterable<readonly string[]>) {
      line += 1;
      const event = toEvent(fields, line, lastAt);
      lastAt = event.at;
      yield event;
    }
  },
});

/** Negative quantities are returns. Whatever does not parse is handed in as it is: the border quarantines it. */
function toEvent(fields: readonly string[], line: number, lastAt: number): ShopEvent {
  const [timestamp = '', invoice = '', customer = '', item = '', quantityText = '', priceText = '', country = ''] =
    fields;
  const parsed = Date.parse(`${timestamp.replace(' ', 'T')}Z`);
  const at = Number.isNaN(parsed) ? lastAt : parsed;
  const quantity = quantityText === '' ? Number.NaN : Number(quantityText);
  const payload = {
    customerId: customer,
    stockCode: item,
    invoice,
    quantity: Number.isNaN(quantity) ? quantityText : Math.abs(quantity),
    unitPrice: priceText === '' || Number.isNaN(Number(priceText)) ? priceText : Number(priceText),
    country,
    ...(Number.isNaN(parsed) ? { timestamp } : {}),
  };
  const isReturn = quantity < 0;
  const event = { type: isReturn ? 'return' : 'purchase', id: `row-${line}`, eventAt: at, payload };
  return quantity > 0 ? { at, event, purchase: { invoice, customer, item } } : { at, event };
}
